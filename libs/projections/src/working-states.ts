/** The state of one key while folding. */
export interface Entry<State> {
  readonly key: string;
  state: State | null;
  /** The state differs from what is written. */
  changed: boolean;
  /** What is written, of a changed state. */
  before: State | null;
  /** Writes before the key was last requested. */
  requestedAfter: number;
}

/** The states that a fold works on, one per key. They stay in memory so as not to be loaded again. */
export class WorkingStates<State> {
  readonly #entries = new Map<string, Entry<State>>();
  #changed: Entry<State>[] = [];
  #writes = 0;

  /** How many keys have changed since the last write. */
  get changed(): number {
    return this.#changed.length;
  }

  get(key: string): State | null {
    return this.#entries.get(key)?.state ?? null;
  }

  /** The entry of a key. A new one is added to `missing`: its state is still to be loaded. */
  request(key: string, missing: Entry<State>[]): Entry<State> {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, state: null, changed: false, before: null, requestedAfter: this.#writes };
      this.#entries.set(key, entry);
      missing.push(entry);
    }
    entry.requestedAfter = this.#writes;
    return entry;
  }

  change(entry: Entry<State>, state: State | null): void {
    const before = entry.state;
    entry.state = state;
    if (entry.changed) return;
    entry.changed = true;
    entry.before = before;
    this.#changed.push(entry);
  }

  /** The states that have changed since the last write, in order of keys: tables are written fastest in key order. */
  changes(): (readonly [key: string, state: State | null, before: State | null])[] {
    return this.#changed
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ key, state, before }) => [key, state, before] as const);
  }

  /**
   * Marks the changes as written. Beyond `cacheSize` states, drops those that were not requested since the write
   * before.
   *
   * @param strip returns the part of a written state that stays in memory; all of it by default
   */
  markWritten(cacheSize: number, strip?: (state: State) => State): void {
    for (const entry of this.#changed) {
      entry.changed = false;
      entry.before = null;
      if (strip !== undefined && entry.state !== null) entry.state = strip(entry.state);
    }
    this.#changed = [];
    if (this.#entries.size > cacheSize) {
      for (const { key, requestedAfter } of this.#entries.values()) {
        if (requestedAfter < this.#writes) this.#entries.delete(key);
      }
    }
    this.#writes += 1;
  }
}
