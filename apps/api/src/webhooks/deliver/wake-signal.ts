/** Lets one sleep until another rings, or for a while. A ring while nobody sleeps wakes the next who lies down. */
export class WakeSignal {
  #rung = false;
  #endSleep: () => void = () => undefined;

  ring(): void {
    this.#rung = true;
    this.#endSleep();
  }

  /** @param atMostMs milliseconds */
  async sleep(atMostMs: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atMostMs);
        this.#endSleep = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
  }
}
