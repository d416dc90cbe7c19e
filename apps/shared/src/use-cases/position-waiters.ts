import { hasReached, type Position } from '#event-store';

interface Waiter {
  readonly position: Position;
  readonly settle: (reached: boolean) => void;
}

/** The checkpoint of a follower of the log, and the callers that wait until it passes a position. */
export class PositionWaiters {
  readonly #waiters = new Set<Waiter>();
  #position: Position | null = null;

  get position(): Position | null {
    return this.#position;
  }

  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** Moves the checkpoint forward; an earlier position is ignored. */
  advanceTo(position: Position | null): void {
    if (hasReached(this.#position, position)) return;
    this.#position = position;
    for (const waiter of this.#waiters) {
      if (hasReached(position, waiter.position)) waiter.settle(true);
    }
  }

  /** Makes the checkpoint unknown, until {@link advanceTo} is called. */
  forget(): void {
    this.#position = null;
  }

  /** True once the checkpoint has reached `position`; false after `timeoutMs`, or when {@link giveUp} is called. */
  async waitFor(position: Position | null, timeoutMs: number): Promise<boolean> {
    if (position === null || hasReached(this.#position, position)) return true;
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

  /** Answers false to everyone who waits now. */
  giveUp(): void {
    for (const waiter of this.#waiters) waiter.settle(false);
  }
}
