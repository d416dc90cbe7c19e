/** Counts things by key, up to a maximum for each key. */
export class KeyedCounter {
  readonly #max: number;
  readonly #counts = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  hasRoom(key: string): boolean {
    return (this.#counts.get(key) ?? 0) < this.#max;
  }

  /** Counts one more; false, and no change, when the key is at its maximum. */
  add(key: string): boolean {
    if (!this.hasRoom(key)) return false;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return true;
  }

  remove(key: string): void {
    const left = (this.#counts.get(key) ?? 0) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
