import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { now, waitFor } from './clock.ts';
import type { SocketEnd } from './light-web-socket.ts';
import type { Opened, OpenRequest } from './load-protocol.ts';

/** Longest time until a client must be ready. */
export const PATIENCE_MS = 60_000;
/** Clients that start to connect in one turn of the event loop. */
const OPENED_AT_ONCE = 10;

/** Result of a successful attempt. */
export interface ReadyResult {
  /** Milliseconds from the attempt until the client is ready. */
  readonly latency: number;
  readonly resumed: boolean;
}

/** Attempts of clients to connect, timed from the creation of this object. */
export class Attempts {
  readonly startedAt = now();
  readonly #outcomes: Promise<(ReadyResult & { readonly at: number }) | null>[] = [];
  #waiting = 0;

  /** @param ready resolves to null if the attempt failed */
  add(ready: Promise<ReadyResult | null>): void {
    this.#outcomes.push(this.#outcomeOf(ready));
  }

  /** Starts the attempts at the requested pace. */
  async start(
    { count, perSecond, mostWaiting = Infinity }: Omit<OpenRequest, 'do' | 'watched'>,
    begin: (index: number) => Promise<ReadyResult | null>,
  ): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await waitFor(this.startedAt + (index / perSecond) * 1_000);
      // Handle arrived answers first, so that a late loop does not add to their latency.
      if (index % OPENED_AT_ONCE === 0) await nextTurn();
      while (this.#waiting >= mostWaiting) await delay(1);
      this.add(begin(index));
    }
  }

  /** Waits until each attempt has settled or timed out. */
  async result(socketEnds: SocketEndCounter): Promise<Opened> {
    const outcomes = await Promise.all(this.#outcomes);
    const settled = outcomes.filter((outcome) => outcome !== null);
    return {
      ready: settled.length,
      failed: outcomes.length - settled.length,
      resumed: settled.filter(({ resumed }) => resumed).length,
      startedAt: this.startedAt,
      lastReadyAt: settled.reduce((last, { at }) => Math.max(last, at), this.startedAt),
      latencies: settled.map(({ latency }) => latency),
      closes: socketEnds.counts,
    };
  }

  async #outcomeOf(ready: Promise<ReadyResult | null>) {
    this.#waiting += 1;
    const outcome = await Promise.race([ready, delay(PATIENCE_MS, null, { ref: false })]);
    this.#waiting -= 1;
    return outcome === null ? null : { ...outcome, at: now() };
  }
}

/** Counts unexpected ends of sockets by their reason. */
export class SocketEndCounter {
  #counts: Record<string, number> = {};

  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  add(why: SocketEnd): void {
    this.#counts[why] = (this.#counts[why] ?? 0) + 1;
  }

  reset(): void {
    this.#counts = {};
  }
}
