import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../support/http-client.ts';
import type { Program } from '../../support/program.ts';
import type { Violation } from '../checker.ts';
import type { Random } from '../random.ts';
import type { MachineProcess } from './machine-process.ts';

/** Bindings of a User, fewer than the limit, beyond which old ones are replaced. */
const MAX_BINDINGS = 40;
/** Every how many writes a Binding is registered. */
const BIND_EVERY = 4;
const PAUSE_MS = 300;
const VERSION_HEADER = 'x-reachability-version';

/**
 * Writes ascending numbers to one User, at the nodes in turns, one after another, and reads each at the other node with
 * the version of the write.
 */
export class Writer {
  readonly identity: string;
  /** Numbers whose writes were acknowledged. */
  readonly acknowledged: number[] = [];
  /** Addresses of Bindings whose registration was acknowledged. */
  readonly bindings: string[] = [];
  readonly violations: Violation[] = [];
  /** The last number that it tried to write. */
  last = 0;
  /** Reads that showed the version, and that said they are behind. */
  readonly reads = { shown: 0, behind: 0 };
  readonly #path: string;
  readonly #apis: readonly MachineProcess[];
  readonly #random: Random;
  #isOver = false;

  constructor(
    identity: string,
    serviceSid: string,
    apis: readonly MachineProcess[],
    random: Random,
  ) {
    this.identity = identity;
    this.#path = `/v2/Services/${serviceSid}/Users/${identity}`;
    this.#apis = apis;
    this.#random = random;
  }

  /** Writes until {@link end}. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      await this.#write();
      await delay(this.#random.whole(200, 1_200));
    }
  }

  end(): void {
    this.#isOver = true;
  }

  async #write(): Promise<void> {
    const n = ++this.last;
    const node = n % this.#apis.length;
    const written = await this.#request(node, (program) =>
      program.post(this.#path, { FriendlyName: String(n) }),
    );
    if (written?.status === 200) {
      this.acknowledged.push(n);
      const version = written.headers[VERSION_HEADER];
      if (typeof version === 'string') await this.#read(node + 1, n, version);
      else this.#addViolation(`node ${node}`, `the answer to write ${n} has no version`);
    }
    if (n % BIND_EVERY === 0 && this.bindings.length < MAX_BINDINGS) await this.#bind(node, n);
  }

  async #read(node: number, n: number, version: string): Promise<void> {
    const headers = { [VERSION_HEADER]: version };
    const answer = await this.#request(node, (program) => program.get(this.#path, { headers }));
    if (answer?.status !== 200) return;
    const shown = Number(answer.body['friendly_name'] ?? 0);
    if (answer.headers['x-read-model'] === 'behind') this.reads.behind += 1;
    else if (shown >= n) this.reads.shown += 1;
    else this.#addViolation(`node ${node}`, `read ${shown} with the version of write ${n}`);
  }

  async #bind(node: number, n: number): Promise<void> {
    const address = `${this.identity}-${n}`;
    const bound = await this.#request(node, (program) =>
      program.post(`${this.#path}/Bindings`, { BindingType: 'fcm', Address: address }),
    );
    if (bound?.status === 201) this.bindings.push(address);
  }

  /** Waits for the answer however long it takes: a write that is under way may come after the next one. */
  async #request(
    node: number,
    send: (program: Program) => Promise<Answer>,
  ): Promise<Answer | null> {
    const program = this.#apis[node % this.#apis.length]?.program ?? null;
    if (program !== null) {
      try {
        return await send(program);
      } catch {
        // The process was killed, so the write may have taken effect or not.
      }
    }
    await delay(PAUSE_MS);
    return null;
  }

  #addViolation(where: string, what: string): void {
    this.violations.push({ user: this.identity, where, what });
  }
}
