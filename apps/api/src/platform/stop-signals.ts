/** Signals that ask this process to stop. The third one exits at once. */
export class StopSignals {
  readonly #first = Promise.withResolvers<undefined>();
  #count = 0;
  #secondListener: () => void = () => undefined;

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => this.#receive());
    }
  }

  /** Whether a signal has come. */
  get received(): boolean {
    return this.#count > 0;
  }

  /** Settles at the first signal. */
  get first(): Promise<undefined> {
    return this.#first.promise;
  }

  /** Replaces the listener of the second signal. */
  onSecond(listener: () => void): void {
    this.#secondListener = listener;
  }

  #receive(): void {
    this.#count += 1;
    if (this.#count === 1) this.#first.resolve(undefined);
    if (this.#count === 2) this.#secondListener();
    if (this.#count > 2) process.exit(1);
  }
}
