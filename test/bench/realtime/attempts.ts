import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { now, waitFor } from './clock.ts';
import type { Ending } from './light-web-socket.ts';
import type { Opened, OpenRequest } from './load-protocol.ts';

/** Longest that a client is given to become ready. */
export const PATIENCE_MS = 60_000;
/** Clients that begin to connect between two turns of the event loop. */
const OPENED_AT_ONCE = 10;

/** How an attempt went well. */
export interface Ready {
  /** Milliseconds from the attempt to being let in. */
  readonly latency: number;
  readonly resumed: boolean;
}

/** Attempts of clients to become ready, counted from the moment at which this is made. */
export class Attempts {
  readonly startedAt = now();
  readonly #outcomes: Promise<(Ready & { readonly at: number }) | null>[] = [];
  #waiting = 0;

  /** @param ready null where the attempt failed */
  add(ready: Promise<Ready | null>): void {
    this.#outcomes.push(this.#outcomeOf(ready));
  }

  /** Begins so many attempts at the pace that is asked for. */
  async pace(
    { count, perSecond, mostWaiting = Infinity }: Omit<OpenRequest, 'do' | 'watched'>,
    begin: (index: number) => Promise<Ready | null>,
  ): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await waitFor(this.startedAt + (index / perSecond) * 1_000);
      // Late itself, it lets those be ready who have been answered: their waiting is not to be its own.
      if (index % OPENED_AT_ONCE === 0) await nextTurn();
      while (this.#waiting >= mostWaiting) await delay(1);
      this.add(begin(index));
    }
  }

  /** Waits until each is settled or has been waited for too long. */
  async opened(endings: Endings): Promise<Opened> {
    const outcomes = await Promise.all(this.#outcomes);
    const settled = outcomes.filter((outcome) => outcome !== null);
    return {
      ready: settled.length,
      failed: outcomes.length - settled.length,
      resumed: settled.filter(({ resumed }) => resumed).length,
      startedAt: this.startedAt,
      lastReadyAt: settled.reduce((last, { at }) => Math.max(last, at), this.startedAt),
      latencies: settled.map(({ latency }) => latency),
      closes: endings.counted,
    };
  }

  async #outcomeOf(ready: Promise<Ready | null>) {
    this.#waiting += 1;
    const outcome = await Promise.race([ready, delay(PATIENCE_MS, null, { ref: false })]);
    this.#waiting -= 1;
    return outcome === null ? null : { ...outcome, at: now() };
  }
}

/** Why sockets closed that nobody wanted to close, and how often. */
export class Endings {
  #counted: Record<string, number> = {};

  get counted(): Readonly<Record<string, number>> {
    return this.#counted;
  }

  add(why: Ending): void {
    this.#counted[why] = (this.#counted[why] ?? 0) + 1;
  }

  forget(): void {
    this.#counted = {};
  }
}
