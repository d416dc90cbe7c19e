import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { integer, text, textOrNull, type SqlRow } from '#projections/adapters/columns';
import { DatabaseUnavailableError, type Database } from '#postgres';
import type { Lease, LeaseStore } from '../../lease-store.ts';
import { parseNodeDetails } from '../node-details.ts';
import { NodeIdInUseError, type NodeSlot, type NodeSlots } from '../../node-slots.ts';

/** Ids that are tried before giving up. */
const MOST_IDS = 1_000;
/** Milliseconds between two looks at an id that another process has. */
const LOOK_EVERY_MS = 250;

/**
 * Node ids and leases in PostgreSQL: a row per node is both. Only its holder writes it, so no renewal waits for another
 * process. An id is free again when its row is removed: by its holder, or by whoever has recorded the loss of the node.
 */
export class PostgresNodeLeases implements LeaseStore, NodeSlots {
  readonly #database: Database;
  /** Names this process. */
  readonly #holder = randomUUID();

  /** @param database with time limits well below those of a lease, and for nothing else: a renewal must not queue */
  constructor(database: Database) {
    this.#database = database;
  }

  async take(nodeId: string | null): Promise<NodeSlot> {
    if (nodeId !== null) {
      await this.#waitFor(nodeId);
      return this.#slot(nodeId);
    }
    for (let number = 1; number <= MOST_IDS; number += 1) {
      const candidate = `node-${number}`;
      if (await this.#claim(candidate)) return this.#slot(candidate);
    }
    throw new NodeIdInUseError(`All ${MOST_IDS} node ids are in use`);
  }

  /** @throws NodeIdInUseError if another process has taken the node id */
  async renew({ nodeId, incarnation, counter, renewedAt, details }: Lease): Promise<void> {
    // A holder that lives takes back a row that was removed, unless the id has gone to another process.
    const renewed = await this.#database.write(
      `INSERT INTO reachability.node_leases AS known VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (node_id)
       DO UPDATE SET incarnation = $3, counter = $4, renewed_at = $5, details = $6
       WHERE known.holder = $2`,
      [
        nodeId,
        this.#holder,
        incarnation,
        counter,
        renewedAt ?? null,
        details === undefined ? null : JSON.stringify(details),
      ],
    );
    if (renewed === 0) throw new NodeIdInUseError(`Another process has taken node id ${nodeId}`);
  }

  /** @throws DatabaseUnavailableError also while leases can be read but not renewed, as after a failover */
  async list(): Promise<Lease[]> {
    const rows = await this.#database.query(
      `SELECT *, current_setting('transaction_read_only') AS read_only
       FROM reachability.node_leases`,
    );
    return rows.map(toLease);
  }

  async remove({ nodeId, incarnation }: Pick<Lease, 'nodeId' | 'incarnation'>): Promise<void> {
    await this.#database.write(
      'DELETE FROM reachability.node_leases WHERE node_id = $1 AND incarnation = $2',
      [nodeId, incarnation],
    );
  }

  /** Settles once the id is taken, which may be when the lease of its former holder has run out. */
  async #waitFor(nodeId: string): Promise<void> {
    let observed: string | null = null;
    while (!(await this.#claim(nodeId))) {
      const [row] = await this.#database.query(
        'SELECT holder, incarnation, counter FROM reachability.node_leases WHERE node_id = $1',
        [nodeId],
      );
      const current = JSON.stringify(row ?? null);
      if (row !== undefined && observed !== null && observed !== current) {
        throw new NodeIdInUseError(`NODE_ID ${nodeId} is in use by another process`);
      }
      observed = row === undefined ? null : current;
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Returns whether this process has the id, also after a claim whose answer was lost. */
  async #claim(nodeId: string): Promise<boolean> {
    const claimed = await this.#database.write(
      `INSERT INTO reachability.node_leases AS known VALUES ($1, $2, 0, 0, NULL)
       ON CONFLICT (node_id) DO UPDATE SET holder = $2 WHERE known.holder = $2`,
      [nodeId, this.#holder],
    );
    return claimed === 1;
  }

  #slot(nodeId: string): NodeSlot {
    const values = [nodeId, this.#holder];
    return {
      nodeId,
      isHeld: async () => {
        const rows = await this.#database.query(
          'SELECT 1 FROM reachability.node_leases WHERE node_id = $1 AND holder = $2',
          values,
        );
        return rows.length === 1;
      },
      // A lease stays until the end of its incarnation is in the log: others find out by it.
      release: async () => {
        await this.#database.write(
          `DELETE FROM reachability.node_leases
           WHERE node_id = $1 AND holder = $2 AND incarnation = 0`,
          values,
        );
      },
    };
  }
}

function toLease(row: SqlRow): Lease {
  if (text(row, 'read_only') === 'on') {
    throw new DatabaseUnavailableError('PostgreSQL is read-only: leases cannot be renewed');
  }
  const renewedAt = textOrNull(row, 'renewed_at');
  const details = textOrNull(row, 'details');
  return {
    nodeId: text(row, 'node_id'),
    incarnation: integer(row, 'incarnation'),
    counter: integer(row, 'counter'),
    ...(renewedAt === null ? {} : { renewedAt }),
    ...(details === null ? {} : { details: parseNodeDetails(details) }),
  };
}
