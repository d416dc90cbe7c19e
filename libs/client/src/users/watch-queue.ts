/** Collects what is to be watched and no longer watched within one tick. */
export class WatchQueue {
  readonly #flush: () => void;
  readonly #toWatch = new Set<string>();
  readonly #toUnwatch = new Set<string>();
  #isFlushDue = false;

  /** @param flush called once, at the end of a tick in which something was put */
  constructor(flush: () => void) {
    this.#flush = flush;
  }

  watch(name: string): void {
    this.#toWatch.add(name);
    this.#flushLater();
  }

  unwatch(name: string): void {
    this.#toWatch.delete(name);
    this.#toUnwatch.add(name);
    this.#flushLater();
  }

  /** What to say with `unwatch`, which comes before {@link takeToWatch}: who was left may be wanted again. */
  takeToUnwatch(): string[] {
    return take(this.#toUnwatch);
  }

  takeToWatch(): string[] {
    return take(this.#toWatch);
  }

  #flushLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }
}

function take(names: Set<string>): string[] {
  const taken = [...names];
  names.clear();
  return taken;
}
