import { answerOf, formatVersion, type UsersState } from '#read-model';

/** A User's reachability as watchers get it. */
export interface UserReachability {
  readonly sid: string;
  readonly identity: string;
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly version: string;
}

/** A Service's flag as watchers get it. */
export interface ServiceReachability {
  readonly reachabilityEnabled: boolean;
  /** Version of the flag's latest change. Empty, and so less than every version, if it never changed. */
  readonly version: string;
}

/** Returns the facts of a User; null if the Service does not exist or has no such User. */
export function userReachabilityOf(
  epoch: string,
  user: UsersState | null,
  service: UsersState | null,
): UserReachability | null {
  const answer = answerOf(user, service);
  if (answer === null || user?.kind !== 'user') return null;
  const { isOnline, isNotifiable, position } = answer;
  const { sid, identity } = user;
  return { sid, identity, isOnline, isNotifiable, version: formatVersion(epoch, position) };
}

/** Returns the facts of a Service. One that does not exist counts as disabled. */
export function serviceReachabilityOf(
  epoch: string,
  service: UsersState | null,
): ServiceReachability {
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
  published: UserReachability,
  service: ServiceReachability,
  facts: UserReachability,
): boolean {
  const isReset = service.version > published.version;
  return (
    (isReset ? null : published.isOnline) === facts.isOnline &&
    (isReset ? null : published.isNotifiable) === facts.isNotifiable
  );
}
