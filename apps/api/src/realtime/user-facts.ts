import { answerFor, formatVersion, summarize, type ServiceRow, type UserRow } from '#read-model';

/** What watchers are told of one User: the two facts, as of a version. */
export interface UserFacts {
  readonly sid: string;
  readonly identity: string;
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly version: string;
}

export function factsOf(epoch: string, user: UserRow, service: ServiceRow): UserFacts {
  const { isOnline, isNotifiable, position } = answerFor(summarize(user), service);
  const { sid, identity } = user;
  return { sid, identity, isOnline, isNotifiable, version: formatVersion(epoch, position) };
}

export function sameAnswer(a: UserFacts, b: UserFacts): boolean {
  return a.isOnline === b.isOnline && a.isNotifiable === b.isNotifiable;
}
