/** What was exceeded. Clients of `/stream` get it as the code of an `error` frame. */
export type ExceededLimit =
  | 'too_many_writes'
  | 'too_many_lookups'
  | 'too_many_connects'
  | 'too_many_handshakes'
  | 'too_many_feeds';

const MESSAGES: Readonly<Record<ExceededLimit, string>> = {
  too_many_writes: 'Too many writes of this User',
  too_many_lookups: 'This User looks up too many names',
  too_many_connects: 'This User connects too often',
  too_many_handshakes: 'Too many clients connect at once',
  too_many_feeds: 'Too many open change feeds of this account or API key',
};

/** A rate is exceeded for now: the same request is accepted later. */
export class LimitExceededError extends Error {
  override readonly name = 'LimitExceededError';
  readonly code: ExceededLimit;
  /** Seconds after which the client may try again. */
  readonly retryAfterSeconds: number;

  constructor(code: ExceededLimit, retryAfterSeconds: number) {
    super(MESSAGES[code]);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
