import { integer, integerOrNull, text, type SqlRow } from '#projections/adapters/columns';
import type { Database } from '#postgres';
import type { TtlEntry, TtlStore } from '../../ttl-store.ts';

/** Deadlines in PostgreSQL. The deadline of a taken entry is the time when it can be taken again. */
export class PostgresTtlStore implements TtlStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async start(...entries: readonly TtlEntry[]): Promise<void> {
    await this.#database.write(
      `INSERT INTO reachability.ttls
         (connection_sid, service_sid, user_sid, ttl_seconds, renewed_at, deadline)
       SELECT *, renewed_at + ttl_seconds * 1000
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
         AS added (connection_sid, service_sid, user_sid, ttl_seconds, renewed_at)
       ORDER BY connection_sid ON CONFLICT DO NOTHING`,
      [
        entries.map(({ connectionSid }) => connectionSid),
        entries.map(({ serviceSid }) => serviceSid),
        entries.map(({ userSid }) => userSid),
        entries.map(({ ttlSeconds }) => ttlSeconds),
        entries.map(({ renewedAt }) => renewedAt),
      ],
    );
  }

  async renew(connectionSid: string, ttlSeconds: number, renewedAt: number): Promise<boolean> {
    const renewed = await this.#database.write(
      `UPDATE reachability.ttls SET
         ttl_seconds = CASE WHEN renewed_at > $3 THEN ttl_seconds ELSE $2 END,
         deadline = CASE WHEN renewed_at > $3 THEN deadline ELSE $4 END,
         renewed_at = greatest(renewed_at, $3)
       WHERE connection_sid = $1 AND NOT taken`,
      [connectionSid, ttlSeconds, renewedAt, renewedAt + ttlSeconds * 1000],
    );
    return renewed === 1;
  }

  async takeExpired(now: number, limit: number, retryAfterMs: number): Promise<TtlEntry[]> {
    const rows = await this.#database.query(
      `WITH expired AS MATERIALIZED (
         SELECT connection_sid FROM reachability.ttls WHERE deadline <= $1
         ORDER BY deadline LIMIT $2 FOR UPDATE SKIP LOCKED)
       UPDATE reachability.ttls AS taken SET taken = true, deadline = $3
       FROM expired WHERE taken.connection_sid = expired.connection_sid RETURNING taken.*`,
      [now, limit, now + retryAfterMs],
    );
    return rows.map(toEntry);
  }

  async nextDeadline(): Promise<number | null> {
    const [row] = await this.#database.query('SELECT min(deadline) AS next FROM reachability.ttls');
    return integerOrNull(row ?? {}, 'next');
  }

  async find(connectionSid: string): Promise<TtlEntry | null> {
    const [row] = await this.#database.query(
      'SELECT * FROM reachability.ttls WHERE connection_sid = $1',
      [connectionSid],
    );
    return row === undefined ? null : toEntry(row);
  }

  async remove(connectionSid: string): Promise<void> {
    await this.#database.write('DELETE FROM reachability.ttls WHERE connection_sid = $1', [
      connectionSid,
    ]);
  }
}

function toEntry(row: SqlRow): TtlEntry {
  return {
    connectionSid: text(row, 'connection_sid'),
    serviceSid: text(row, 'service_sid'),
    userSid: text(row, 'user_sid'),
    ttlSeconds: integer(row, 'ttl_seconds'),
    renewedAt: integer(row, 'renewed_at'),
  };
}
