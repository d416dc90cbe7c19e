/** Counts operations that are in progress, and resolves when none is left. */
export class InFlight {
  #count = 0;
  #done: PromiseWithResolvers<void> | null = null;

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#done?.resolve();
    this.#done = null;
  }

  /** Settles once nothing is in progress. */
  done(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    this.#done ??= Promise.withResolvers();
    return this.#done.promise;
  }
}
