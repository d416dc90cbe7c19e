interface Entry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** What is going to happen, earliest first; of two at the same time the one that was planned first. */
export class Agenda {
  /** A binary heap: no entry comes before the one at half its index. */
  readonly #heap: Entry[] = [];
  #planned = 0;

  plan(at: number, act: () => void): void {
    const heap = this.#heap;
    const entry = { at, order: this.#planned, act };
    this.#planned += 1;
    let index = heap.length;
    for (;;) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  /** Takes out what comes next. */
  next(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first;
  }

  /** Puts an entry at the top and lets it down to where it belongs. */
  #sink(entry: Entry): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      if (below === undefined) break;
      const sibling = heap[child + 1];
      if (sibling !== undefined && isBefore(sibling, below)) {
        child += 1;
        below = sibling;
      }
      if (isBefore(entry, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
