/** Collects what is to be watched and no longer watched within one tick. */
export class WatchQueue {
  readonly #pace: (task: () => void) => void;
  readonly #flush: () => void;
  readonly #toWatch = new Set<string>();
  readonly #toUnwatch = new Set<string>();
  #isFlushDue = false;

  /**
   * @param pace does something as soon as a frame may be said
   * @param flush called then, once, after the tick in which something was put
   */
  constructor(pace: (task: () => void) => void, flush: () => void) {
    this.#pace = pace;
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

  /** A new connection begins: what waited for the pace of the old one is flushed by whoever says this. */
  restart(): void {
    this.#isFlushDue = false;
    this.#toWatch.clear();
  }

  #flushLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() =>
      this.#pace(() => {
        this.#isFlushDue = false;
        this.#flush();
      }),
    );
  }
}

function take(names: Set<string>): string[] {
  const taken = [...names];
  names.clear();
  return taken;
}
