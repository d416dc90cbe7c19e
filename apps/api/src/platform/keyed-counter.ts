/** Counts things by key, up to a maximum for each key. */
export class KeyedCounter {
  readonly #max: number;
  readonly #counts = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  hasRoom(key: string): boolean {
    return this.roomOf(key) > 0;
  }

  /** Returns how many more of a key there may be. */
  roomOf(key: string): number {
    return Math.max(this.#max - (this.#counts.get(key) ?? 0), 0);
  }

  /** Counts one more; false, and no change, when the key is at its maximum. */
  add(key: string): boolean {
    if (!this.hasRoom(key)) return false;
    this.adjust(key, 1);
    return true;
  }

  remove(key: string): void {
    this.adjust(key, -1);
  }

  /** Counts so many more, or fewer if negative. It does not check the maximum. */
  adjust(key: string, by: number): void {
    const count = (this.#counts.get(key) ?? 0) + by;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}
