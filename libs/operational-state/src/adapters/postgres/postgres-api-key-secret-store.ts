import { integer, text } from '#projections/adapters/columns';
import type { Database } from '#postgres';
import type { ApiKeySecretStore, StoredApiKeySecret } from '../../api-keys/api-key-secret-store.ts';

/** Secrets of API keys in PostgreSQL. */
export class PostgresApiKeySecretStore implements ApiKeySecretStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async put({ keySid, secretId, protectedSecret }: StoredApiKeySecret): Promise<void> {
    await this.#database.write('INSERT INTO reachability.api_key_secrets VALUES ($1, $2, $3)', [
      keySid,
      secretId,
      protectedSecret,
    ]);
  }

  async find(keySid: string, secretId: string): Promise<string | null> {
    const [row] = await this.#database.query(
      `SELECT protected_secret FROM reachability.api_key_secrets
       WHERE key_sid = $1 AND secret_id = $2`,
      [keySid, secretId],
    );
    return row === undefined ? null : text(row, 'protected_secret');
  }

  async remove(keySid: string, secretIds: readonly string[]): Promise<void> {
    await this.#database.write(
      'DELETE FROM reachability.api_key_secrets WHERE key_sid = $1 AND secret_id = ANY ($2::text[])',
      [keySid, secretIds],
    );
  }

  async markUsed(keySid: string, usedAt: number): Promise<void> {
    await this.#database.write(
      `INSERT INTO reachability.api_key_uses AS known VALUES ($1, $2) ON CONFLICT (key_sid)
       DO UPDATE SET used_at = greatest(known.used_at, excluded.used_at)`,
      [keySid, usedAt],
    );
  }

  async lastUsed(keySids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.query(
      'SELECT * FROM reachability.api_key_uses WHERE key_sid = ANY ($1::text[])',
      [keySids],
    );
    return new Map(rows.map((row) => [text(row, 'key_sid'), integer(row, 'used_at')]));
  }
}
