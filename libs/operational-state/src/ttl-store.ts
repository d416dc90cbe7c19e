/** A Connection opened over HTTP, and when it ends unless renewed. Times are milliseconds since the epoch. */
export interface TtlEntry {
  readonly connectionSid: string;
  readonly serviceSid: string;
  readonly userSid: string;
  readonly ttlSeconds: number;
  readonly renewedAt: number;
}

/**
 * Deadlines of Connections opened over HTTP. Neither log nor read model: renewals would flood the log, and if
 * the deadlines are lost they start anew.
 */
export interface TtlStore {
  /** Notes a Connection that is not known yet; a known one keeps its deadline. */
  start(entry: TtlEntry): Promise<void>;
  /** Moves the deadline to `renewedAt + ttlSeconds`; false when the Connection is unknown or already expiring. */
  renew(connectionSid: string, ttlSeconds: number, renewedAt: number): Promise<boolean>;
  /**
   * Takes what is past its deadline at `now`, soonest first; from then on it cannot be renewed. What was taken
   * and never removed, because its taker died, is given out again after `retryAfterMs`.
   */
  takeExpired(now: number, limit: number, retryAfterMs: number): Promise<TtlEntry[]>;
  find(connectionSid: string): Promise<TtlEntry | null>;
  remove(connectionSid: string): Promise<void>;
}
