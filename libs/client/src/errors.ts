/**
 * Stable codes of what may go wrong. The first group is said by the server, the second is found by this package.
 *
 * - `not_found`: the User, or the Binding, does not exist
 * - `invalid`: what was asked is refused; the message says why
 * - `too_many_watched`: the watch-list is full
 * - `too_many_connections`, `too_many_requests`: a limit of the server
 * - `no_service`: the Service does not exist
 * - `token_refused`: the access token is refused or has expired; `tokenError` holds Twilio's number where it is known
 * - `bad_frame`: the server does not understand this client
 * - `unavailable`: the server could not; try again
 * - `user_deleted`: the own User was deleted
 * - `closed_by_service`: the Connection was closed over REST
 * - `connection_lost`: the connection broke, or an attempt to connect failed
 * - `timeout`: no answer in time
 * - `shut_down`: the client was shut down
 * - `token_provider_failed`: the application's `tokenProvider` did not give a token
 * - `identity_changed`: the token names another User, or another Service, than the one before
 * - `protocol_error`: the server said what the protocol does not know
 */
export type ReachabilityErrorCode =
  | 'not_found'
  | 'invalid'
  | 'too_many_watched'
  | 'too_many_connections'
  | 'too_many_requests'
  | 'no_service'
  | 'token_refused'
  | 'bad_frame'
  | 'unavailable'
  | 'user_deleted'
  | 'closed_by_service'
  | 'connection_lost'
  | 'timeout'
  | 'shut_down'
  | 'token_provider_failed'
  | 'identity_changed'
  | 'protocol_error';

export interface ReachabilityErrorDetails {
  /** Whether the client has given up for good. */
  readonly terminal?: boolean;
  /** Twilio's number of a token error, 20101 to 20107 or 20157. */
  readonly tokenError?: number;
  /** The code that the socket was closed with. */
  readonly closeCode?: number;
  readonly cause?: unknown;
}

/** Every error that this package rejects with or reports. `code` is stable, `message` is for people. */
export class ReachabilityError extends Error {
  override readonly name = 'ReachabilityError';
  readonly code: ReachabilityErrorCode;
  readonly terminal: boolean;
  readonly tokenError: number | null;
  readonly closeCode: number | null;

  constructor(
    code: ReachabilityErrorCode,
    message: string,
    details: ReachabilityErrorDetails = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.code = code;
    this.terminal = details.terminal ?? false;
    this.tokenError = details.tokenError ?? null;
    this.closeCode = details.closeCode ?? null;
  }
}
