import type { EventStore } from '../event-store.ts';
import type { RetryPolicy } from './retry.ts';

/** How long one command, or one append, waits for a store that does not answer. It begins when this is made. */
export class Patience {
  readonly #outageMs: number;
  readonly #startedAt = performance.now();

  constructor({ outageMs = Infinity }: Pick<RetryPolicy, 'outageMs'>) {
    this.#outageMs = outageMs;
  }

  get isOver(): boolean {
    return performance.now() - this.#startedAt >= this.#outageMs;
  }

  /** Whether waiting for a store makes no sense: it has been away for longer than this waits. */
  isUselessFor({ health: { state, since } }: Pick<EventStore, 'health'>): boolean {
    return state === 'away' && Date.now() - since >= this.#outageMs;
  }
}
