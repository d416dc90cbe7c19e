/** Collects the names to watch and to unwatch within one tick. */
export class WatchQueue {
  readonly #schedule: (task: () => void) => void;
  readonly #flush: () => void;
  readonly #toWatch = new Set<string>();
  readonly #toUnwatch = new Set<string>();
  #isFlushDue = false;

  /**
   * @param schedule runs a task as soon as the rate limit allows a frame
   * @param flush called once, through `schedule`, after each tick that added names
   */
  constructor(schedule: (task: () => void) => void, flush: () => void) {
    this.#schedule = schedule;
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

  /** Take these before {@link takeToWatch}: a name may be unwatched and then watched again. */
  takeToUnwatch(): string[] {
    return take(this.#toUnwatch);
  }

  takeToWatch(): string[] {
    return take(this.#toWatch);
  }

  /** Prepares for a new connection, which drops scheduled tasks. The caller watches all names and flushes. */
  restart(): void {
    this.#isFlushDue = false;
    this.#toWatch.clear();
  }

  #flushLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() =>
      this.#schedule(() => {
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
