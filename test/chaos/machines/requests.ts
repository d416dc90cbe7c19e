import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../support/http-client.ts';
import type { Program } from '../../support/program.ts';
import type { MachineProcess } from './machine-process.ts';

/** Pause after a request that could not be sent, in milliseconds. */
const PAUSE_MS = 300;

/** One request to a node, and what became of it. */
export interface Operation {
  readonly node: number;
  readonly sentAt: number;
  /** When it was answered or failed; null while it is under way. */
  settledAt: number | null;
  /** Status of the answer; null if there is none. */
  status: number | null;
}

/** Sends requests to api processes in turns, and records what became of each. */
export class Requests<Kind extends string> {
  readonly operations: { readonly kind: Kind; readonly operation: Operation }[] = [];
  readonly #apis: readonly MachineProcess[];
  #next: number;

  constructor(apis: readonly MachineProcess[], first: number) {
    this.#apis = apis;
    this.#next = first;
  }

  /**
   * Sends a request to the next node. It goes on after `patienceMs`, though the request may still take effect.
   *
   * @returns null if there is no answer in time
   */
  async send(
    kind: Kind,
    request: (program: Program) => Promise<Answer>,
    patienceMs: number,
  ): Promise<{ readonly answer: Answer; readonly node: number } | null> {
    const node = this.#next++ % this.#apis.length;
    const program = this.#apis[node]?.program ?? null;
    if (program === null) {
      await delay(PAUSE_MS);
      return null;
    }
    const operation: Operation = { node, sentAt: Date.now(), settledAt: null, status: null };
    this.operations.push({ kind, operation });
    const answered = request(program).then(
      (answer) => {
        operation.settledAt = Date.now();
        operation.status = answer.status;
        return { answer, node };
      },
      async () => {
        operation.settledAt = Date.now();
        await delay(PAUSE_MS);
        return null;
      },
    );
    return Promise.race([answered, delay(patienceMs, null, { ref: false })]);
  }
}
