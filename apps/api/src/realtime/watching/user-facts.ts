import { answerFor, formatVersion, summarize, type ServiceRow, type UserRow } from '#read-model';

/** What watchers are told of one User: the two facts, as of a version. */
export interface UserFacts {
  readonly sid: string;
  readonly identity: string;
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly version: string;
}

/** What watchers are told of their Service. */
export interface ServiceFacts {
  readonly reachabilityEnabled: boolean;
  /** Of the latest change of the flag; empty, which stands before every version, where there was none. */
  readonly version: string;
}

export function factsOf(epoch: string, user: UserRow, service: ServiceRow): UserFacts {
  const { isOnline, isNotifiable, position } = answerFor(summarize(user), service);
  const { sid, identity } = user;
  return { sid, identity, isOnline, isNotifiable, version: formatVersion(epoch, position) };
}

/** Of no Service, or of one that is deleted: not enabled. */
export function serviceFactsOf(epoch: string, service: ServiceRow | null): ServiceFacts {
  const flagPosition = service?.flagPosition ?? null;
  return {
    reachabilityEnabled: service?.deleted === false && service.reachabilityEnabled,
    version: flagPosition === null ? '' : formatVersion(epoch, flagPosition),
  };
}

/** Whether somebody who knows `told`, and every change of the flag since, learns nothing from `facts`. */
export function addsNothing(told: UserFacts, service: ServiceFacts, facts: UserFacts): boolean {
  const voided = service.version > told.version;
  return (
    (voided ? null : told.isOnline) === facts.isOnline &&
    (voided ? null : told.isNotifiable) === facts.isNotifiable
  );
}
