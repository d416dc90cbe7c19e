/** Waits until woken or timed out. A wake-up that arrives early is remembered. One waiter at a time. */
export class WakeSignal {
  #woken = false;
  #endWait: () => void = () => undefined;

  wake(): void {
    this.#woken = true;
    this.#endWait();
  }

  /** @param timeoutMs milliseconds */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#endWait = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#woken = false;
  }
}
