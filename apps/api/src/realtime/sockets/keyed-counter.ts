/** How many there are of each key, and a bound on it. */
export class KeyedCounter {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  hasRoom(key: string): boolean {
    return (this.#counts.get(key) ?? 0) < this.#most;
  }

  /** Counts one more; false, and nothing counted, where there is no room. */
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
