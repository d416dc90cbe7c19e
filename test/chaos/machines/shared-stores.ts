import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startEventStoreDb, type EventStoreDbServer } from '../../support/eventstored.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres.ts';
import type { Interval } from '../intervals.ts';
import type { StoreName } from './machines-plan.ts';

/** The servers that keep what the processes of a run share. */
export interface Stores {
  /** When each store did not answer. */
  readonly outages: Readonly<Record<StoreName, Interval[]>>;
  /** Null if the log is in a folder. */
  readonly eventStorePort: number | null;
  /**
   * Kills a store with SIGKILL, and starts it again on the same data after `downMs`.
   *
   * @returns false if the run has no such store
   */
  crash(store: StoreName, downMs: number): Promise<boolean>;
}

/** The PostgreSQL and, if wanted, the EventStoreDB that the processes of a run share. */
export class SharedStores implements Stores {
  readonly databaseUrl: string;
  readonly outages: Readonly<Record<StoreName, Interval[]>> = { postgres: [], eventstore: [] };
  readonly #postgres: PostgresServer;
  readonly #folder: string;
  #events: EventStoreDbServer | null;

  private constructor(
    postgres: PostgresServer,
    databaseUrl: string,
    events: EventStoreDbServer | null,
    folder: string,
  ) {
    this.#postgres = postgres;
    this.databaseUrl = databaseUrl;
    this.#events = events;
    this.#folder = folder;
  }

  static async start(eventStoreDb: boolean): Promise<SharedStores> {
    const folder = mkdtempSync(join(tmpdir(), 'eventstore-'));
    const [postgres, events] = await Promise.all([
      startPostgres(),
      eventStoreDb ? startEventStoreDb({ folder }) : null,
    ]);
    return new SharedStores(postgres, await postgres.createDatabase(), events, folder);
  }

  get postgresPort(): number {
    return this.#postgres.port;
  }

  get eventStorePort(): number | null {
    return this.#events?.port ?? null;
  }

  async crash(store: StoreName, downMs: number): Promise<boolean> {
    const from = Date.now();
    const outage = { from, to: Infinity };
    if (store === 'postgres') {
      this.outages.postgres.push(outage);
      killTree(this.#postgres.pid);
      await this.#postgres.kill();
      await delay(downMs);
      await this.#postgres.start();
    } else {
      const events = this.#events;
      if (events === null) return false;
      this.outages.eventstore.push(outage);
      await events.stop();
      await delay(downMs);
      this.#events = await startEventStoreDb({ folder: this.#folder, port: events.port });
    }
    outage.to = Date.now();
    return true;
  }

  async stop(): Promise<void> {
    await this.#postgres.stop();
    await this.#events?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Kills a process and its children at once, so that no child can tell a client of the end. */
function killTree(pid: number): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  for (const id of [pid, ...children.map(Number)]) {
    if (id > 0) killUnlessEnded(id);
  }
}

function killUnlessEnded(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Under jest an error of Node itself is of another realm, so it is no `Error`.
    const code = typeof error === 'object' && error !== null && 'code' in error && error.code;
    if (code !== 'ESRCH') throw error;
  }
}
