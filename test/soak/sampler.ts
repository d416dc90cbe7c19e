import { readdirSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { now } from '../bench/realtime/clock.ts';
import {
  cpuSeconds,
  eventLoopDelay,
  residentBytes,
  type Server,
} from '../bench/realtime/server.ts';
import type { Reading } from './halves.ts';

const SAMPLE_EVERY_MS = 5_000;

/** Files whose growth is followed, by the beginning of their names. */
const FILES = { 'events.db': 'log', 'read-model.db': 'read model', 'state.db': 'state' } as const;
export type FileGroup = (typeof FILES)[keyof typeof FILES];

/** Measures the process that keeps running, its files, and a bare server beside it, at intervals. */
export class Sampler {
  readonly memory: Reading[] = [];
  readonly loopDelay: Reading[] = [];
  readonly referenceLoopDelay: Reading[] = [];
  /** Processor time so far, in seconds. */
  readonly processor: Reading[] = [];
  readonly openFiles: Reading[] = [];
  /** Processes of the machine that ran or waited for a core in the last minute. */
  readonly load: Reading[] = [];
  /** Events in the log. */
  readonly events: Reading[] = [];
  readonly bytes: Readonly<Record<FileGroup, Reading[]>> = {
    log: [],
    'read model': [],
    state: [],
  };
  readonly #server: Pick<Server, 'pid' | 'target'>;
  readonly #reference: Server;
  readonly #dataDir: string;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  constructor(server: Pick<Server, 'pid' | 'target'>, reference: Server, dataDir: string) {
    this.#server = server;
    this.#reference = reference;
    this.#dataDir = dataDir;
  }

  begin(): void {
    this.#running = this.#run();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#sample();
      await delay(SAMPLE_EVERY_MS);
    }
  }

  async #sample(): Promise<void> {
    const at = now();
    const { pid } = this.#server;
    const add = (to: Reading[], value: number): void => {
      to.push({ at, value });
    };
    add(this.loopDelay, await eventLoopDelay(this.#server));
    add(this.referenceLoopDelay, await eventLoopDelay(this.#reference));
    add(this.load, loadavg()[0] ?? Number.NaN);
    add(this.memory, residentBytes(pid));
    add(this.processor, cpuSeconds(pid));
    add(this.openFiles, readdirSync(`/proc/${pid}/fd`).length);
    add(this.events, eventsIn(join(this.#dataDir, 'events.db')));
    for (const [name, group] of Object.entries(FILES)) {
      add(this.bytes[group], bytesOf(this.#dataDir, name));
    }
  }
}

function eventsIn(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(db.prepare('SELECT max(position) AS last FROM events').get()?.['last'] ?? 0);
  } finally {
    db.close();
  }
}

/** Size of the database files with a name, without the files that SQLite empties again and again. */
function bytesOf(folder: string, name: string): number {
  return readdirSync(folder)
    .filter((file) => file.startsWith(name) && !/-(wal|shm|journal)$/.test(file))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
