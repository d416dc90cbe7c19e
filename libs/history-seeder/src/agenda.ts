interface Entry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Priority queue of future actions: earliest first, and in the order of scheduling at the same time. */
export class Agenda {
  /** A binary heap: no entry is before its parent, which is at half its index. */
  readonly #heap: Entry[] = [];
  #scheduled = 0;

  schedule(at: number, run: () => void): void {
    const heap = this.#heap;
    const entry = { at, order: this.#scheduled, run };
    this.#scheduled += 1;
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

  /** Removes and returns the earliest entry. */
  next(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && last !== first) this.#siftDown(last);
    return first;
  }

  /** Inserts an entry at the top, and moves it down to its place in the heap. */
  #siftDown(entry: Entry): void {
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
