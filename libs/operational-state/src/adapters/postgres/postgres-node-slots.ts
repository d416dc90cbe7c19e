import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { integer, text, type SqlRow } from '#projections/adapters/columns';
import type { Database } from '#postgres';
import { NodeIdInUseError, type NodeSlot, type NodeSlots } from '../../node-slots.ts';

/** Times in milliseconds; tests shorten them. */
export interface SlotTimes {
  /** Between two beats of a holder. */
  readonly beatEveryMs: number;
  /** A holder that has not beaten for so long, by the clock of another process, has ended. */
  readonly endedAfterMs: number;
}

const TIMES: SlotTimes = { beatEveryMs: 2_000, endedAfterMs: 10_000 };

/** Ids that are tried before giving up. */
const MOST_SLOTS = 1_000;

/** What is known of a slot: who holds it, and since when it has not changed, by the monotonic clock of this process. */
interface ObservedSlot {
  readonly holder: string;
  readonly beats: number;
  readonly since: number;
}

/**
 * Node ids in PostgreSQL. A holder beats; a process that watches a slot for long enough without a beat takes it over. No
 * clock of another machine is trusted, and no time in which the database could not be read counts.
 */
export class PostgresNodeSlots implements NodeSlots {
  readonly #database: Database;
  readonly #times: SlotTimes;

  constructor(database: Database, times: SlotTimes = TIMES) {
    this.#database = database;
    this.#times = times;
  }

  async take(nodeId: string | null): Promise<NodeSlot> {
    const holder = randomUUID();
    if (nodeId !== null) {
      await this.#takeOver(nodeId, holder);
      return this.#hold(nodeId, holder);
    }
    for (let number = 1; number <= MOST_SLOTS; number += 1) {
      const candidate = `node-${number}`;
      if (await this.#insert(candidate, holder)) return this.#hold(candidate, holder);
    }
    throw new NodeIdInUseError(`All ${MOST_SLOTS} node ids are in use`);
  }

  async #takeOver(nodeId: string, holder: string): Promise<void> {
    const { beatEveryMs, endedAfterMs } = this.#times;
    let observed: ObservedSlot | null = null;
    while (!(await this.#insert(nodeId, holder))) {
      const [row] = await this.#database.query(
        'SELECT * FROM reachability.node_slots WHERE node_id = $1',
        [nodeId],
      );
      if (row === undefined) continue;
      const now = observe(row, observed);
      if (observed !== null && now.since > observed.since) {
        throw new NodeIdInUseError(`NODE_ID ${nodeId} is in use by another process`);
      }
      observed = now;
      const isEnded = performance.now() - now.since >= endedAfterMs;
      if (isEnded && (await this.#remove(nodeId, now))) continue;
      await delay(beatEveryMs / 4);
    }
  }

  #hold(nodeId: string, holder: string): NodeSlot {
    let others: ReadonlyMap<string, ObservedSlot> = new Map();
    let beating: Promise<void> = Promise.resolve();
    const beat = async (): Promise<void> => {
      await this.#beat(nodeId, holder);
      others = await this.#removeEnded(others, nodeId);
    };
    const timer = setInterval(() => {
      // A beat that fails is made up for by the next one; whoever needs the slot asks whether it is still held.
      beating = beating.then(beat).catch(() => undefined);
    }, this.#times.beatEveryMs).unref();
    return {
      nodeId,
      isHeld: () => this.#beat(nodeId, holder),
      release: async () => {
        clearInterval(timer);
        await beating;
        await this.#database.write(
          'DELETE FROM reachability.node_slots WHERE node_id = $1 AND holder = $2',
          [nodeId, holder],
        );
      },
    };
  }

  async #insert(nodeId: string, holder: string): Promise<boolean> {
    const inserted = await this.#database.write(
      'INSERT INTO reachability.node_slots VALUES ($1, $2, 0) ON CONFLICT DO NOTHING',
      [nodeId, holder],
    );
    return inserted === 1;
  }

  async #beat(nodeId: string, holder: string): Promise<boolean> {
    const beaten = await this.#database.write(
      'UPDATE reachability.node_slots SET beats = beats + 1 WHERE node_id = $1 AND holder = $2',
      [nodeId, holder],
    );
    return beaten === 1;
  }

  /** Frees the ids of processes that were killed. */
  async #removeEnded(
    known: ReadonlyMap<string, ObservedSlot>,
    own: string,
  ): Promise<ReadonlyMap<string, ObservedSlot>> {
    const rows = await this.#database.query('SELECT * FROM reachability.node_slots');
    const observed = new Map<string, ObservedSlot>();
    for (const row of rows) {
      const nodeId = text(row, 'node_id');
      if (nodeId === own) continue;
      const slot = observe(row, known.get(nodeId) ?? null);
      const isEnded = performance.now() - slot.since >= this.#times.endedAfterMs;
      if (!isEnded || !(await this.#remove(nodeId, slot))) observed.set(nodeId, slot);
    }
    return observed;
  }

  /** Removes a slot if it has not changed meanwhile. */
  async #remove(nodeId: string, { holder, beats }: ObservedSlot): Promise<boolean> {
    const removed = await this.#database.write(
      'DELETE FROM reachability.node_slots WHERE node_id = $1 AND holder = $2 AND beats = $3',
      [nodeId, holder, beats],
    );
    return removed === 1;
  }
}

function observe(row: SqlRow, before: ObservedSlot | null): ObservedSlot {
  const holder = text(row, 'holder');
  const beats = integer(row, 'beats');
  const isSame = before !== null && before.holder === holder && before.beats === beats;
  return { holder, beats, since: isSame ? before.since : performance.now() };
}
