import { answerFor, formatVersion, summarize, type UsersState } from '#read-model';

/** A User's reachability as watchers get it. */
export interface UserFacts {
  readonly sid: string;
  readonly identity: string;
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly version: string;
}

/** A Service's flag as watchers get it. */
export interface ServiceFacts {
  readonly reachabilityEnabled: boolean;
  /** Version of the flag's latest change. Empty, and so less than every version, where it never changed. */
  readonly version: string;
}

/** Returns the facts of a User; null where the Service does not exist, or has no such User. */
export function userFactsOf(
  epoch: string,
  user: UsersState | null,
  service: UsersState | null,
): UserFacts | null {
  if (user?.kind !== 'user' || service?.kind !== 'service') return null;
  if (user.serviceSid !== service.sid || service.deleted) return null;
  const { isOnline, isNotifiable, position } = answerFor(summarize(user), service);
  const { sid, identity } = user;
  return { sid, identity, isOnline, isNotifiable, version: formatVersion(epoch, position) };
}

/** Returns the facts of a Service. One that does not exist counts as disabled. */
export function serviceFactsOf(epoch: string, service: UsersState | null): ServiceFacts {
  if (service?.kind !== 'service') return { reachabilityEnabled: false, version: '' };
  const { deleted, reachabilityEnabled, flagPosition } = service;
  return {
    reachabilityEnabled: !deleted && reachabilityEnabled,
    version: flagPosition === null ? '' : formatVersion(epoch, flagPosition),
  };
}

/**
 * Whether watchers know `facts` already: from the published ones, or because a later change of the Service's flag has
 * made both of those null.
 */
export function isUnchanged(
  published: UserFacts,
  service: ServiceFacts,
  facts: UserFacts,
): boolean {
  const isVoid = service.version > published.version;
  return (
    (isVoid ? null : published.isOnline) === facts.isOnline &&
    (isVoid ? null : published.isNotifiable) === facts.isNotifiable
  );
}
