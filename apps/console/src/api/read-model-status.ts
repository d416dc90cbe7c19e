/** How old the answers may be: null while they are current. */
export interface Staleness {
  /** Since when the read model has not followed, in ISO 8601; null where it is merely behind a write. */
  readonly since: string | null;
}

const HEADER = 'X-Read-Model';
const SINCE_HEADER = 'X-Read-Model-Since';

/** Remembers whether the last answer of the API came from a read model that is behind. */
export class ReadModelStatus {
  #staleness: Staleness | null = null;
  readonly #listeners = new Set<() => void>();

  get staleness(): Staleness | null {
    return this.#staleness;
  }

  observe(headers: Headers): void {
    const isBehind = headers.get(HEADER) === 'behind';
    const since = isBehind ? headers.get(SINCE_HEADER) : null;
    if (isBehind === (this.#staleness !== null) && since === (this.#staleness?.since ?? null))
      return;
    this.#staleness = isBehind ? { since } : null;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
