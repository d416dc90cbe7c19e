import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../../support/program.ts';
import type { Violation } from '../checker.ts';
import type { Reading } from '../observations.ts';
import type { ServiceReader, UsersReading } from '../service-reader.ts';
import type { MachineProcess } from './machine-process.ts';

/** Longest time until an answer, in milliseconds. */
const ANSWER_MS = 60_000;

/** A read without an answer, which a fault may excuse. */
export interface FailedRead {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

/**
 * Reads all Users at every api process again and again, half of the time with the highest version that any node has
 * shown. A node must then show it or say that it is behind; without, it must not go back behind what itself has shown.
 */
export class Reads {
  readonly readings: Reading[] = [];
  readonly failed: FailedRead[] = [];
  readonly staleReads: Violation[] = [];
  readonly withVersion = { shown: 0, behind: 0 };
  readonly #reader: ServiceReader;
  readonly #apis: readonly MachineProcess[];
  readonly #identities: () => readonly string[];
  readonly #intervalMs: number;
  /** Latest version of each User, over all nodes. */
  readonly #versions = new Map<string, string>();
  /** Latest version of each User, by node. */
  readonly #ofNode: readonly Map<string, string>[];
  #highest: string | undefined;
  #isOver = false;

  /** @param intervalMs time between reads of every User at each node */
  constructor(
    reader: ServiceReader,
    apis: readonly MachineProcess[],
    identities: () => readonly string[],
    intervalMs: number,
  ) {
    this.#reader = reader;
    this.#apis = apis;
    this.#identities = identities;
    this.#intervalMs = intervalMs;
    this.#ofNode = apis.map(() => new Map());
  }

  /** Reads until {@link end}. */
  async run(): Promise<void> {
    await Promise.all(
      this.#apis.map(async (api, node) => {
        for (let turn = 0; !this.#isOver; turn += 1) {
          const program = api.running;
          if (program !== null) await this.#readAt(node, program, turn % 2 === 1);
          await delay(this.#intervalMs);
        }
      }),
    );
  }

  end(): void {
    this.#isOver = true;
  }

  async #readAt(node: number, program: Program, namesVersion: boolean): Promise<void> {
    const from = Date.now();
    const version = namesVersion ? this.#highest : undefined;
    const floor = new Map(version === undefined ? this.#ofNode[node] : this.#versions);
    try {
      const read = this.#reader.readAll(program, this.#identities(), version);
      const reading = await Promise.race([read, delay(ANSWER_MS, null, { ref: false })]);
      if (reading === null) throw new Error(`no answer within ${ANSWER_MS} ms`);
      this.readings.push({ node, from, to: Date.now(), users: reading.users });
      if (version !== undefined) this.withVersion[reading.isBehind ? 'behind' : 'shown'] += 1;
      if (!reading.isBehind) this.#compare(node, reading, floor, version);
      this.#remember(node, reading);
    } catch (error) {
      this.failed.push({ node, from, to: Date.now(), what: String(error) });
    }
  }

  #compare(
    node: number,
    { users }: UsersReading,
    floor: ReadonlyMap<string, string>,
    requested: string | undefined,
  ): void {
    for (const [user, before] of floor) {
      const version = users.get(user)?.version ?? '';
      if (version >= before) continue;
      const asked = requested === undefined ? '' : `, requested ${requested}`;
      const what = `version ${version} after ${before}${asked}`;
      this.staleReads.push({ user, where: `node ${node}`, what });
    }
  }

  #remember(node: number, { users }: UsersReading): void {
    for (const [user, { version }] of users) {
      for (const versions of [this.#versions, this.#ofNode[node]]) {
        if (version > (versions?.get(user) ?? '')) versions?.set(user, version);
      }
      if (version > (this.#highest ?? '')) this.#highest = version;
    }
  }
}
