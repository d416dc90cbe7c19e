import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integer, text, textOrNull, type SqlRow } from '#projections/adapters/columns';
import { transaction } from '#projections/adapters/sqlite/transaction';
import type {
  ClaimResult,
  IdempotencyClaim,
  IdempotencyStore,
  StoredAnswer,
} from '../../idempotency-store.ts';

/** A record has a status once it has an answer. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS idempotency_records (
    id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    owner TEXT NOT NULL,
    claimed_until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    status INTEGER,
    headers TEXT,
    body TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS idempotency_records_by_expiry ON idempotency_records (expires_at);
`;

/** Idempotency records in SQLite. */
export class SqliteIdempotencyStore implements IdempotencyStore {
  readonly #db: DatabaseSync;
  readonly #claim: StatementSync;
  readonly #find: StatementSync;
  readonly #complete: StatementSync;
  readonly #release: StatementSync;
  readonly #prune: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#db = db;
    this.#claim = db.prepare(
      `INSERT INTO idempotency_records (id, fingerprint, owner, claimed_until, expires_at)
       VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (id) DO UPDATE SET
         fingerprint = excluded.fingerprint, owner = excluded.owner,
         claimed_until = excluded.claimed_until, expires_at = excluded.expires_at,
         status = NULL, headers = NULL, body = NULL
       WHERE expires_at <= ?6
         OR (fingerprint = excluded.fingerprint AND status IS NULL AND claimed_until <= ?6)`,
    );
    this.#find = db.prepare('SELECT * FROM idempotency_records WHERE id = ?');
    this.#complete = db.prepare(
      `UPDATE idempotency_records SET status = ?3, headers = ?4, body = ?5
       WHERE id = ?1 AND owner = ?2`,
    );
    this.#release = db.prepare(
      'UPDATE idempotency_records SET claimed_until = 0 WHERE id = ? AND owner = ?',
    );
    this.#prune = db.prepare(
      `DELETE FROM idempotency_records WHERE id IN
         (SELECT id FROM idempotency_records WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
    );
  }

  async claim(claim: IdempotencyClaim, now: number): Promise<ClaimResult> {
    const { id, fingerprint, owner, claimedUntil, expiresAt } = claim;
    return transaction(this.#db, 'IMMEDIATE', () => {
      const { changes } = this.#claim.run(id, fingerprint, owner, claimedUntil, expiresAt, now);
      const row = changes === 0 ? this.#find.get(id) : undefined;
      return row === undefined ? { outcome: 'claimed' } : toResult(row, fingerprint);
    });
  }

  async complete(
    { id, owner }: Pick<IdempotencyClaim, 'id' | 'owner'>,
    { status, headers, body }: StoredAnswer,
  ): Promise<void> {
    this.#complete.run(id, owner, status, JSON.stringify(headers), body);
  }

  async release({ id, owner }: Pick<IdempotencyClaim, 'id' | 'owner'>): Promise<void> {
    this.#release.run(id, owner);
  }

  async clear(): Promise<void> {
    this.#db.exec('DELETE FROM idempotency_records');
  }

  async prune(now: number, limit: number): Promise<number> {
    return Number(this.#prune.run(now, limit).changes);
  }
}

function toResult(row: SqlRow, fingerprint: string): ClaimResult {
  if (row['fingerprint'] !== fingerprint) return { outcome: 'mismatch' };
  if (row['status'] === null) return { outcome: 'under_way' };
  const headers = JSON.parse(text(row, 'headers')) as Record<string, string>;
  const answer = { status: integer(row, 'status'), headers, body: textOrNull(row, 'body') };
  return { outcome: 'completed', answer };
}
