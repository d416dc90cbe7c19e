import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../support/program.ts';
import { seededRandom } from './report.ts';

/** Requests under way at once. */
const PARALLEL = 16;
const TTL_SECONDS = '3600';
/** Milliseconds between two batches of changes. */
const BATCH_MS = 50;

/** Users of a Service who connect and leave at a steady rate. */
export class Crowd {
  /** Changes so far. */
  changes = 0;
  readonly #program: Program;
  /** Path of the list of Users. */
  readonly #users: string;
  readonly #size: number;
  readonly #random: () => number;
  /** Paths of open Connections, by the number of their User. */
  readonly #open = new Map<number, string>();
  /** Users whose change is under way. */
  readonly #busy = new Set<number>();
  #isStopped = false;

  constructor(program: Program, service: string, size: number, seed: number) {
    this.#program = program;
    this.#users = `/v2/Services/${service}/Users`;
    this.#size = size;
    this.#random = seededRandom(seed);
  }

  async create(): Promise<void> {
    const numbers = Array.from({ length: this.#size }, (_, number) => number).values();
    const createRest = async (): Promise<void> => {
      for (const number of numbers) {
        await this.#program.post(this.#users, { Identity: identityOf(number) });
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, createRest));
  }

  /** Lets Users come and go until {@link stop}. */
  async change(perSecond: number): Promise<void> {
    const started = performance.now();
    let begun = 0;
    while (!this.#isStopped) {
      const due = ((performance.now() - started) / 1_000) * perSecond;
      const batch = [];
      for (; begun < due; begun += 1) batch.push(this.#changeOne());
      await Promise.all([...batch, delay(BATCH_MS)]);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #changeOne(): Promise<void> {
    const number = Math.floor(this.#random() * this.#size);
    if (this.#busy.has(number)) return;
    this.#busy.add(number);
    const connections = `${this.#users}/${identityOf(number)}/Connections`;
    const open = this.#open.get(number);
    if (open === undefined) {
      const { sid } = await this.#program.post(connections, { Ttl: TTL_SECONDS });
      this.#open.set(number, `${connections}/${sid}`);
    } else {
      await this.#program.delete(open);
      this.#open.delete(number);
    }
    this.#busy.delete(number);
    this.changes += 1;
  }
}

function identityOf(number: number): string {
  return `user-${number}`;
}
