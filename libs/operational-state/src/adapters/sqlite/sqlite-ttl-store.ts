import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { transaction } from '#projections/adapters/sqlite/transaction';
import type { TtlEntry, TtlStore } from '../../ttl-store.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS ttls (
    connection_sid TEXT PRIMARY KEY,
    service_sid TEXT NOT NULL,
    user_sid TEXT NOT NULL,
    ttl_seconds INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS ttls_by_deadline ON ttls (deadline);
`;

/** Deadlines in SQLite. The deadline of a taken entry is the time when it can be taken again. */
export class SqliteTtlStore implements TtlStore {
  readonly #db: DatabaseSync;
  readonly #start: StatementSync;
  readonly #renew: StatementSync;
  readonly #take: StatementSync;
  readonly #next: StatementSync;
  readonly #find: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#db = db;
    this.#start = db.prepare('INSERT OR IGNORE INTO ttls VALUES (?, ?, ?, ?, ?, ?, 0)');
    this.#renew = db.prepare(
      `UPDATE ttls SET
         ttl_seconds = iif(renewed_at > ?2, ttl_seconds, ?1),
         deadline = iif(renewed_at > ?2, deadline, ?2 + ?1 * 1000),
         renewed_at = max(renewed_at, ?2)
       WHERE connection_sid = ?3 AND taken = 0`,
    );
    this.#take = db.prepare(
      `UPDATE ttls SET taken = 1, deadline = ?1 + ?3 WHERE connection_sid IN
         (SELECT connection_sid FROM ttls WHERE deadline <= ?1 ORDER BY deadline LIMIT ?2)
       RETURNING *`,
    );
    this.#next = db.prepare('SELECT min(deadline) AS next FROM ttls');
    this.#find = db.prepare('SELECT * FROM ttls WHERE connection_sid = ?');
    this.#remove = db.prepare('DELETE FROM ttls WHERE connection_sid = ?');
  }

  async start(...entries: readonly TtlEntry[]): Promise<void> {
    transaction(this.#db, 'IMMEDIATE', () => {
      for (const { connectionSid, serviceSid, userSid, ttlSeconds, renewedAt } of entries) {
        const deadline = renewedAt + ttlSeconds * 1000;
        this.#start.run(connectionSid, serviceSid, userSid, ttlSeconds, renewedAt, deadline);
      }
    });
  }

  async renew(connectionSid: string, ttlSeconds: number, renewedAt: number): Promise<boolean> {
    return this.#renew.run(ttlSeconds, renewedAt, connectionSid).changes === 1;
  }

  async takeExpired(now: number, limit: number, retryAfterMs: number): Promise<TtlEntry[]> {
    return this.#take.all(now, limit, retryAfterMs).map(toEntry);
  }

  async nextDeadline(): Promise<number | null> {
    const next = this.#next.get()?.['next'] ?? null;
    return next === null ? null : Number(next);
  }

  async find(connectionSid: string): Promise<TtlEntry | null> {
    const row = this.#find.get(connectionSid);
    return row === undefined ? null : toEntry(row);
  }

  async remove(connectionSid: string): Promise<void> {
    this.#remove.run(connectionSid);
  }
}

function toEntry(row: Record<string, SQLOutputValue>): TtlEntry {
  return {
    connectionSid: String(row['connection_sid']),
    serviceSid: String(row['service_sid']),
    userSid: String(row['user_sid']),
    ttlSeconds: Number(row['ttl_seconds']),
    renewedAt: Number(row['renewed_at']),
  };
}
