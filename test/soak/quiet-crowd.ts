import { setTimeout as delay } from 'node:timers/promises';
import { ClientProcess } from '../bench/realtime/load.ts';
import type { Target } from '../bench/realtime/load-protocol.ts';
import { now } from '../bench/realtime/clock.ts';
import { latenciesOf, type Change } from '../bench/realtime/subjects.ts';
import type { Reading } from './halves.ts';

const CLIENTS = 300;
const COLLECT_EVERY_MS = 5_000;
/** Changes that are older have been delivered, or never will be. */
const REMEMBERED_MS = 60_000;
const OPENING = { perSecond: 200, mostWaiting: 100 };

type Fault = 'resume' | 'connect anew' | 'kill';
const FAULTS: readonly Fault[] = ['resume', 'connect anew', 'kill'];

/** Clients that watch the probes on one node, and fail together now and then. */
export class QuietCrowd {
  /** Milliseconds from the request for a change until a client has it, at the time of the request. */
  readonly latencies: Reading[] = [];
  readonly #target: Target;
  readonly #probes: readonly string[];
  readonly #faultEveryMs: number;
  readonly #log: (line: string) => void;
  #process = new ClientProcess();
  #changes: Change[] = [];
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  /** @param probes sids of the Users that every client watches */
  constructor(
    target: Target,
    probes: readonly string[],
    faultEveryMs: number,
    log: (line: string) => void,
  ) {
    this.#target = target;
    this.#probes = probes;
    this.#faultEveryMs = faultEveryMs;
    this.#log = log;
  }

  async begin(): Promise<void> {
    await this.#open();
    this.#running = this.#run();
  }

  /** Takes note of changes that its clients should be told. */
  expect(changes: readonly Change[]): void {
    const oldest = now() - REMEMBERED_MS;
    this.#changes = [...this.#changes.filter(({ at }) => at > oldest), ...changes];
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await this.#process.stop();
  }

  async #run(): Promise<void> {
    let faultAt = now() + this.#faultEveryMs;
    for (let turn = 0; !this.#isOver;) {
      await delay(COLLECT_EVERY_MS);
      await this.#collect();
      if (now() < faultAt) continue;
      faultAt += this.#faultEveryMs;
      await this.#fail(FAULTS[turn % FAULTS.length] ?? 'kill');
      turn += 1;
    }
  }

  async #collect(): Promise<void> {
    const deliveries = await this.#process.request({ do: 'collect' });
    // The reports of changes come later than their deliveries.
    await delay(COLLECT_EVERY_MS / 2);
    for (const [{ at }, list] of latenciesOf(this.#changes, deliveries, 0)) {
      for (const value of list) this.latencies.push({ at, value });
    }
  }

  async #fail(fault: Fault): Promise<void> {
    this.#log(`${CLIENTS} clients: ${fault}`);
    if (fault === 'kill') {
      await this.#process.kill();
      this.#process = new ClientProcess();
      await this.#open();
      return;
    }
    const { failed } = await this.#process.request({
      do: 'drop',
      target: this.#target,
      resume: fault === 'resume',
      returning: 1,
      awayMs: 1_000,
    });
    if (failed > 0) throw new Error(`${failed} clients could not come back`);
  }

  async #open(): Promise<void> {
    const { failed, closes } = await this.#process.request({
      do: 'open',
      target: this.#target,
      prefix: 'quiet-',
      count: CLIENTS,
      ...OPENING,
      watched: [{ users: this.#probes, each: this.#probes.length }],
    });
    if (failed > 0) throw new Error(`${failed} clients failed: ${JSON.stringify(closes)}`);
  }
}
