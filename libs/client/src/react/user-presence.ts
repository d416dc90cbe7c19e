import type { ReachabilityError } from '../errors.ts';

/** What is known about a User at one moment. The same object as long as nothing changes. */
export interface UserPresence {
  /** The name that the application asked for: an identity or a sid. */
  readonly name: string;
  /** Null until the User is known. */
  readonly sid: string | null;
  /** Null until the User is known. */
  readonly identity: string | null;
  /** Whether the User has a connection; null if unknown. */
  readonly isOnline: boolean | null;
  /** Whether a push notification can reach the User; null if unknown. */
  readonly isNotifiable: boolean | null;
  /**
   * - `loading`: no answer yet, and always while a server renders
   * - `live`: the values follow the server
   * - `missing`: there is no such User, or the token does not grant it; becomes `live` when there is
   * - `failed`: see `error`; asked again if the server was `unavailable`, and when a component mounts
   */
  readonly status: 'loading' | 'live' | 'missing' | 'failed';
  readonly error: ReachabilityError | null;
}

/** The word for a User's state. */
export type PresenceWord = 'online' | 'offline' | 'unknown';

export function presenceWord(isOnline: boolean | null): PresenceWord {
  if (isOnline === null) return 'unknown';
  return isOnline ? 'online' : 'offline';
}

/** The presence of a User of whom nothing is known. */
export function unknownPresence(
  name: string,
  status: Exclude<UserPresence['status'], 'live'>,
  error: ReachabilityError | null = null,
): UserPresence {
  return { name, sid: null, identity: null, isOnline: null, isNotifiable: null, status, error };
}

/** Whether two presences of one name show the same. */
export function isSamePresence(one: UserPresence, other: UserPresence): boolean {
  return (
    one.status === other.status &&
    one.sid === other.sid &&
    one.isOnline === other.isOnline &&
    one.isNotifiable === other.isNotifiable &&
    one.error === other.error
  );
}
