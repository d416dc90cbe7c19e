import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Watcher } from './watcher.ts';

/** Longest that deliveries may block the event loop, in milliseconds. */
const SLICE_MS = 4;
/** Watchers notified between two looks at the clock. */
const STEP = 32;

/**
 * Delivers changes to watchers, one change after another, in slices of a few milliseconds: other work goes on however
 * many watchers or changes there are. Before you add or remove watchers, or read published facts, wait for
 * {@link idle}.
 */
export class FanOut {
  #isDelivering = false;
  #idleWaiters: (() => void)[] = [];
  /** End of the slice in this turn of the event loop; null before the turn's first change. */
  #sliceEnd: number | null = null;

  /** Whether a change has reached some of its watchers and not yet the others. */
  get isDelivering(): boolean {
    return this.#isDelivering;
  }

  /** Settles once {@link isDelivering} is false. Check again unless you continue synchronously. */
  async idle(): Promise<void> {
    while (this.#isDelivering)
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /**
   * Notifies the watchers of now, except those removed from the set meanwhile. Await the promise before the next
   * change; undefined means that it may follow at once.
   */
  deliver(
    watchers: ReadonlySet<Watcher>,
    notify: (watcher: Watcher) => void,
  ): Promise<void> | undefined {
    this.#beginSlice();
    if (watchers.size > STEP) return this.#deliverToMany(watchers, notify);
    for (const watcher of watchers) notify(watcher);
    return this.#isSliceOver() ? nextTurn() : undefined;
  }

  #deliverToMany(
    watchers: ReadonlySet<Watcher>,
    notify: (watcher: Watcher) => void,
  ): Promise<void> | undefined {
    const all = [...watchers];
    const next = this.#deliverSlice(all, 0, watchers, notify);
    if (next < all.length) return this.#deliverRest(all, next, watchers, notify);
    return this.#isSliceOver() ? nextTurn() : undefined;
  }

  async #deliverRest(
    all: readonly Watcher[],
    first: number,
    watchers: ReadonlySet<Watcher>,
    notify: (watcher: Watcher) => void,
  ): Promise<void> {
    this.#isDelivering = true;
    try {
      for (let next = first; next < all.length;) {
        await nextTurn();
        this.#beginSlice();
        next = this.#deliverSlice(all, next, watchers, notify);
      }
    } finally {
      this.#isDelivering = false;
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
    }
    // Calls that wait for idle go first. Otherwise a series of changes could keep them waiting.
    await nextTurn();
  }

  /** Notifies watchers from `first` on until the slice is over. Returns the index of the next one. */
  #deliverSlice(
    all: readonly Watcher[],
    first: number,
    watchers: ReadonlySet<Watcher>,
    notify: (watcher: Watcher) => void,
  ): number {
    for (let next = first; next < all.length; next += STEP) {
      for (const each of all.slice(next, next + STEP)) if (watchers.has(each)) notify(each);
      if (this.#isSliceOver()) return next + STEP;
    }
    return all.length;
  }

  #beginSlice(): void {
    if (this.#sliceEnd !== null) return;
    this.#sliceEnd = performance.now() + SLICE_MS;
    setImmediate(() => {
      this.#sliceEnd = null;
    });
  }

  #isSliceOver(): boolean {
    return this.#sliceEnd !== null && performance.now() > this.#sliceEnd;
  }
}
