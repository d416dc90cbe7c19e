/** Deadline of one Connection opened over HTTP. Times are milliseconds since the epoch, by the clock that all processes share. */
export interface TtlEntry {
  readonly connectionSid: string;
  readonly serviceSid: string;
  readonly userSid: string;
  readonly ttlSeconds: number;
  readonly renewedAt: number;
}

/**
 * Deadlines of Connections opened over HTTP. They are not in the log, which renewals would flood. If they are lost, they
 * start again at now.
 */
export interface TtlStore {
  /** Adds Connections. Those that are known keep their deadlines. */
  start(...entries: readonly TtlEntry[]): Promise<void>;
  /**
   * Moves the deadline to `renewedAt + ttlSeconds`, unless a later renewal is known: a process may have been stopped
   * before it wrote its own. Returns false for a Connection that is unknown or was taken.
   */
  renew(connectionSid: string, ttlSeconds: number, renewedAt: number): Promise<boolean>;
  /**
   * Takes entries whose deadline has passed at `now`, earliest first. A taken entry cannot be renewed. If it is not
   * removed within `retryAfterMs`, because its worker died, it can be taken again.
   */
  takeExpired(now: number, limit: number, retryAfterMs: number): Promise<TtlEntry[]>;
  /** The earliest deadline; for a taken entry, the time when it can be taken again. Null without entries. */
  nextDeadline(): Promise<number | null>;
  find(connectionSid: string): Promise<TtlEntry | null>;
  remove(connectionSid: string): Promise<void>;
}
