import { integer, text, textOrNull, type SqlRow } from '#projections/adapters/columns';
import type { Database } from '#postgres';
import type {
  ClaimResult,
  IdempotencyClaim,
  IdempotencyStore,
  StoredAnswer,
} from '../../idempotency-store.ts';

/** Idempotency records in PostgreSQL. */
export class PostgresIdempotencyStore implements IdempotencyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async claim(claim: IdempotencyClaim, now: number): Promise<ClaimResult> {
    const { id, fingerprint, owner, claimedUntil, expiresAt } = claim;
    return this.#database.transaction('write', async (queries) => {
      const claimed = await queries.write(
        `INSERT INTO reachability.idempotency_records AS known
           (id, fingerprint, owner, claimed_until, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET
           fingerprint = excluded.fingerprint, owner = excluded.owner,
           claimed_until = excluded.claimed_until, expires_at = excluded.expires_at,
           status = NULL, headers = NULL, body = NULL
         WHERE known.expires_at <= $6 OR (known.fingerprint = excluded.fingerprint
           AND known.status IS NULL AND known.claimed_until <= $6)`,
        [id, fingerprint, owner, claimedUntil, expiresAt, now],
      );
      if (claimed === 1) return { outcome: 'claimed' };
      // The refused insert has locked the row, so it is still there.
      const [row] = await queries.query(
        'SELECT * FROM reachability.idempotency_records WHERE id = $1',
        [id],
      );
      return row === undefined ? { outcome: 'under_way' } : toResult(row, fingerprint);
    });
  }

  async complete(
    { id, owner }: Pick<IdempotencyClaim, 'id' | 'owner'>,
    { status, headers, body }: StoredAnswer,
  ): Promise<void> {
    await this.#database.write(
      `UPDATE reachability.idempotency_records SET status = $3, headers = $4, body = $5
       WHERE id = $1 AND owner = $2`,
      [id, owner, status, JSON.stringify(headers), body],
    );
  }

  async release({ id, owner }: Pick<IdempotencyClaim, 'id' | 'owner'>): Promise<void> {
    await this.#database.write(
      `UPDATE reachability.idempotency_records SET claimed_until = 0 WHERE id = $1 AND owner = $2`,
      [id, owner],
    );
  }

  async clear(): Promise<void> {
    await this.#database.write('DELETE FROM reachability.idempotency_records');
  }

  async prune(now: number, limit: number): Promise<number> {
    return this.#database.write(
      `DELETE FROM reachability.idempotency_records WHERE id IN
         (SELECT id FROM reachability.idempotency_records WHERE expires_at <= $1
          ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      [now, limit],
    );
  }
}

function toResult(row: SqlRow, fingerprint: string): ClaimResult {
  if (row['fingerprint'] !== fingerprint) return { outcome: 'mismatch' };
  if (row['status'] === null) return { outcome: 'under_way' };
  const headers = JSON.parse(text(row, 'headers')) as Record<string, string>;
  const answer = { status: integer(row, 'status'), headers, body: textOrNull(row, 'body') };
  return { outcome: 'completed', answer };
}
