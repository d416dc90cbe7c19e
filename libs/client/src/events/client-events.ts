import type { ConnectionStateName } from '../connection/state.ts';
import type { ReachabilityError } from '../errors.ts';
import type { User, UserUpdate } from '../users/user.ts';

/** Payloads of a client's events by event name. */
export interface ClientEvents {
  connectionStateChanged: ConnectionStateName;
  /** A connection broke, an attempt failed, or a token was refused. If `terminal`, the client has given up. */
  connectionError: ReachabilityError;
  /** Reachability was enabled or disabled for the Service. */
  reachabilityChanged: boolean;
  userSubscribed: User;
  userUpdated: UserUpdate;
  userUnsubscribed: User;
  /** Without a `tokenProvider`, call `updateToken` now. */
  tokenAboutToExpire: { readonly expiresInMs: number };
  tokenExpired: undefined;
}
