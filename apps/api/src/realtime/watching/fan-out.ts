import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Watcher } from './watcher.ts';

/** Longest that watchers are told without letting anything else happen, in milliseconds. */
const SLICE_MS = 4;
/** Watchers told between two looks at the clock. */
const STEP = 32;

/**
 * Tells watchers of changes, a few milliseconds at a time, so that nothing else waits for long however many there
 * are of either. One change after another: whoever changes who watches, or reads what was told, waits until no
 * change is half told.
 */
export class FanOut {
  #busy = false;
  #waiting: (() => void)[] = [];
  /** End of the slice of this turn of the event loop, null before the turn's first change. */
  #sliceEnds: number | null = null;

  /** A change has been told to some of its watchers and not yet to others. */
  get isBusy(): boolean {
    return this.#busy;
  }

  /** Settles once no change is half told; to be asked again then, unless what follows happens at once. */
  async whole(): Promise<void> {
    while (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Tells those who watch now, but for those who have left by the time. The next change is to wait for the promise;
   * null where it can follow at once.
   */
  tell(watchers: ReadonlySet<Watcher>, say: (watcher: Watcher) => void): Promise<unknown> | null {
    this.#beginSlice();
    if (watchers.size > STEP) return this.#tellMany(watchers, say);
    for (const watcher of watchers) say(watcher);
    return this.#isSliceOver() ? nextTurn() : null;
  }

  #tellMany(
    watchers: ReadonlySet<Watcher>,
    say: (watcher: Watcher) => void,
  ): Promise<unknown> | null {
    const all = [...watchers];
    const told = this.#tellSlice(all, 0, watchers, say);
    if (told < all.length) return this.#tellRest(all, told, watchers, say);
    return this.#isSliceOver() ? nextTurn() : null;
  }

  async #tellRest(
    all: readonly Watcher[],
    told: number,
    watchers: ReadonlySet<Watcher>,
    say: (watcher: Watcher) => void,
  ): Promise<void> {
    this.#busy = true;
    try {
      for (let next = told; next < all.length;) {
        await nextTurn();
        this.#beginSlice();
        next = this.#tellSlice(all, next, watchers, say);
      }
    } finally {
      this.#busy = false;
      for (const go of this.#waiting.splice(0)) go();
    }
    // Those who waited go first, lest change upon change keep them waiting.
    await nextTurn();
  }

  /** Tells watchers from one on, until the slice is over; answers whose turn is next. */
  #tellSlice(
    all: readonly Watcher[],
    from: number,
    watchers: ReadonlySet<Watcher>,
    say: (watcher: Watcher) => void,
  ): number {
    for (let next = from; next < all.length; next += STEP) {
      for (const watcher of all.slice(next, next + STEP)) if (watchers.has(watcher)) say(watcher);
      if (this.#isSliceOver()) return next + STEP;
    }
    return all.length;
  }

  #beginSlice(): void {
    if (this.#sliceEnds !== null) return;
    this.#sliceEnds = performance.now() + SLICE_MS;
    setImmediate(() => {
      this.#sliceEnds = null;
    });
  }

  #isSliceOver(): boolean {
    return this.#sliceEnds !== null && performance.now() > this.#sliceEnds;
  }
}
