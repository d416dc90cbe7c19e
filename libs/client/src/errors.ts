/**
 * Stable codes of errors. The server reports the first group, this package detects the second.
 *
 * - `not_found`: the User or the Binding does not exist
 * - `invalid`: the request is invalid; the message says why
 * - `too_many_watched`: the watch-list is full
 * - `too_many_connections`, `too_many_requests`, `too_many_writes`, `too_many_lookups`: a limit of the server
 * - `no_service`: the Service does not exist
 * - `token_refused`: the access token is refused or has expired; `tokenError` holds Twilio's number if known
 * - `credentials_refused`: the account or API key of a change feed is refused, or has ended
 * - `bad_frame`: the server does not understand this client
 * - `unavailable`: the server cannot answer now; try again
 * - `user_deleted`: the own User was deleted
 * - `closed_by_service`: the Connection was closed over REST
 * - `connection_lost`: the connection broke, or an attempt to connect failed
 * - `timeout`: no answer in time
 * - `shut_down`: the client was shut down
 * - `token_provider_failed`: the application's `tokenProvider` failed
 * - `identity_changed`: the token is of another User or Service than the previous token
 * - `protocol_error`: the server sent something that the protocol does not allow
 */
export type ReachabilityErrorCode =
  | 'not_found'
  | 'invalid'
  | 'too_many_watched'
  | 'too_many_connections'
  | 'too_many_requests'
  | 'too_many_writes'
  | 'too_many_lookups'
  | 'no_service'
  | 'token_refused'
  | 'credentials_refused'
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
  /** Close code of the socket. */
  readonly closeCode?: number;
  readonly cause?: unknown;
}

/** Error of this package. `code` is stable; `message` is for people and may change. */
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

/** Returns the error of a `tokenProvider` that failed. */
export function tokenProviderError(cause: unknown): ReachabilityError {
  return new ReachabilityError('token_provider_failed', 'The tokenProvider failed', { cause });
}
