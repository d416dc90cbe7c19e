import { integer, text, textOrNull } from '#projections/adapters/columns';
import type { Database } from '#postgres';
import type { Lease, LeaseStore } from '../../lease-store.ts';

/** Leases in PostgreSQL, a row per node. Only the node writes its row, so no renewal waits for another process. */
export class PostgresLeaseStore implements LeaseStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async renew({ nodeId, incarnation, counter, renewedAt }: Lease): Promise<void> {
    await this.#database.write(
      `INSERT INTO reachability.node_leases VALUES ($1, $2, $3, $4) ON CONFLICT (node_id) DO UPDATE
       SET incarnation = $2, counter = $3, renewed_at = $4`,
      [nodeId, incarnation, counter, renewedAt ?? null],
    );
  }

  async list(): Promise<Lease[]> {
    const rows = await this.#database.query('SELECT * FROM reachability.node_leases');
    return rows.map((row) => {
      const renewedAt = textOrNull(row, 'renewed_at');
      return {
        nodeId: text(row, 'node_id'),
        incarnation: integer(row, 'incarnation'),
        counter: integer(row, 'counter'),
        ...(renewedAt === null ? {} : { renewedAt }),
      };
    });
  }

  async remove({ nodeId, incarnation }: Pick<Lease, 'nodeId' | 'incarnation'>): Promise<void> {
    await this.#database.write(
      'DELETE FROM reachability.node_leases WHERE node_id = $1 AND incarnation = $2',
      [nodeId, incarnation],
    );
  }
}
