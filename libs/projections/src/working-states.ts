/** The state of one key while folding. */
export interface Entry<State> {
  readonly key: string;
  state: State | null;
  /** Differs from what is written. */
  changed: boolean;
}

/** The states that a fold works on, each once: as they were loaded, as they changed, and as they were written. */
export class WorkingStates<State> {
  readonly #entries = new Map<string, Entry<State>>();
  #changed: Entry<State>[] = [];

  /** How many keys have changed since they were written. */
  get changed(): number {
    return this.#changed.length;
  }

  get(key: string): State | null {
    return this.#entries.get(key)?.state ?? null;
  }

  /** The entry of a key; where it is new it is added to `missing`. */
  need(key: string, missing: Entry<State>[]): Entry<State> {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, state: null, changed: false };
      this.#entries.set(key, entry);
      missing.push(entry);
    }
    return entry;
  }

  change(entry: Entry<State>, state: State | null): void {
    entry.state = state;
    if (entry.changed) return;
    entry.changed = true;
    this.#changed.push(entry);
  }

  /** What has changed since it was written, in order of keys: tables are written fastest in theirs. */
  *changes(): Generator<readonly [key: string, state: State | null]> {
    const inOrder = this.#changed.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (const { key, state } of inOrder) yield [key, state];
  }

  /**
   * To be told once the changes are written. The states are kept, so as not to be loaded again; where they are
   * more than `most`, those that had not changed are let go.
   *
   * @param rest what stays of a state that has been written
   */
  written(most: number, rest: (state: State) => State): void {
    if (this.#entries.size > most) {
      for (const { key, changed } of this.#entries.values()) {
        if (!changed) this.#entries.delete(key);
      }
    }
    for (const entry of this.#changed) {
      entry.changed = false;
      if (entry.state !== null) entry.state = rest(entry.state);
    }
    this.#changed = [];
  }
}
