import type { ConnectionStateName } from '../connection/state.ts';
import type { ReachabilityError } from '../errors.ts';
import type { User, UserUpdate } from '../users/user.ts';

/** What a client tells, by the name of the event. */
export interface ClientEvents {
  connectionStateChanged: ConnectionStateName;
  /** A connection broke, an attempt failed or a token was refused. Where it is `terminal`, the client has given up. */
  connectionError: ReachabilityError;
  /** Reachability was enabled or disabled for the Service. */
  reachabilityChanged: boolean;
  userSubscribed: User;
  userUpdated: UserUpdate;
  userUnsubscribed: User;
  /** Without a `tokenProvider`, the application is to call `updateToken` now. */
  tokenAboutToExpire: { readonly expiresInMs: number };
  tokenExpired: undefined;
}
