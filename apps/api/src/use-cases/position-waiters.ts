import { reached, type Position } from '#event-store';

interface Waiter {
  readonly position: Position;
  readonly settle: (reached: boolean) => void;
}

/** How far somebody has come in the log, and who waits for them to get further. */
export class PositionWaiters {
  readonly #waiters = new Set<Waiter>();
  #position: Position | null = null;

  get position(): Position | null {
    return this.#position;
  }

  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** Going back changes nothing. */
  advanceTo(position: Position | null): void {
    if (reached(this.#position, position)) return;
    this.#position = position;
    for (const waiter of this.#waiters) {
      if (reached(position, waiter.position)) waiter.settle(true);
    }
  }

  /** True once `position` is reached; false when that takes longer than `timeoutMs`, or is given up. */
  async waitFor(position: Position | null, timeoutMs: number): Promise<boolean> {
    if (position === null || reached(this.#position, position)) return true;
    return new Promise((resolve) => {
      const waiter: Waiter = {
        position,
        settle: (done) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(done);
        },
      };
      const timer = setTimeout(() => waiter.settle(false), timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  /** Lets everybody go who waits now. */
  giveUp(): void {
    for (const waiter of this.#waiters) waiter.settle(false);
  }
}
