import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type {
  ApiKeySecretStore,
  StoredApiKeySecret,
} from '../../../api-keys/api-key-secret-store.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS api_key_secrets (
    key_sid TEXT NOT NULL,
    secret_id TEXT NOT NULL,
    protected_secret TEXT NOT NULL,
    PRIMARY KEY (key_sid, secret_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS api_key_uses (
    key_sid TEXT PRIMARY KEY,
    used_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Secrets of API keys in SQLite. */
export class SqliteApiKeySecretStore implements ApiKeySecretStore {
  readonly #put: StatementSync;
  readonly #find: StatementSync;
  readonly #remove: StatementSync;
  readonly #markUsed: StatementSync;
  readonly #lastUsed: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#put = db.prepare('INSERT INTO api_key_secrets VALUES (?, ?, ?)');
    this.#find = db.prepare(
      'SELECT protected_secret FROM api_key_secrets WHERE key_sid = ? AND secret_id = ?',
    );
    this.#remove = db.prepare(
      `DELETE FROM api_key_secrets
       WHERE key_sid = ? AND secret_id IN (SELECT value FROM json_each(?))`,
    );
    this.#markUsed = db.prepare(
      `INSERT INTO api_key_uses VALUES (?, ?)
       ON CONFLICT (key_sid) DO UPDATE SET used_at = max(used_at, excluded.used_at)`,
    );
    this.#lastUsed = db.prepare(
      'SELECT * FROM api_key_uses WHERE key_sid IN (SELECT value FROM json_each(?))',
    );
  }

  async put({ keySid, secretId, protectedSecret }: StoredApiKeySecret): Promise<void> {
    this.#put.run(keySid, secretId, protectedSecret);
  }

  async find(keySid: string, secretId: string): Promise<string | null> {
    const row = this.#find.get(keySid, secretId);
    return row === undefined ? null : String(row['protected_secret']);
  }

  async remove(keySid: string, secretIds: readonly string[]): Promise<void> {
    this.#remove.run(keySid, JSON.stringify(secretIds));
  }

  async markUsed(keySid: string, usedAt: number): Promise<void> {
    this.#markUsed.run(keySid, usedAt);
  }

  async lastUsed(keySids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = this.#lastUsed.all(JSON.stringify(keySids));
    return new Map(rows.map((row) => [String(row['key_sid']), Number(row['used_at'])]));
  }
}
