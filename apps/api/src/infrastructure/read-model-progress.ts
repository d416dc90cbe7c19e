import { Inject, Injectable, Logger } from '@nestjs/common';
import { reached, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from './tokens.ts';

/** How often to look at a read model that another process writes, in milliseconds. */
const POLL_MS = 10;

interface Waiter {
  readonly position: Position;
  readonly settle: (reached: boolean) => void;
}

/**
 * Lets a write wait until reads see it. A runner in this process reports each commit; commits of other
 * processes are found by looking, and only while somebody waits.
 */
@Injectable()
export class ReadModelProgress {
  readonly #logger = new Logger(ReadModelProgress.name);
  readonly #readModel: UsersReadModel;
  readonly #waiters = new Set<Waiter>();
  #position: Position | null = null;
  #polling = false;

  constructor(@Inject(USERS_READ_MODEL) readModel: UsersReadModel) {
    this.#readModel = readModel;
  }

  get position(): Position | null {
    return this.#position;
  }

  /** To be called after each commit of the read model. */
  advanceTo(position: Position | null): void {
    if (reached(this.#position, position)) return;
    this.#position = position;
    for (const waiter of this.#waiters) {
      if (reached(position, waiter.position)) waiter.settle(true);
    }
  }

  /** True once reads see everything up to `position`; false when that takes longer than `timeoutMs`. */
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
      if (!this.#polling) void this.#poll();
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#waiters.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      try {
        const { position } = await this.#readModel.checkpoint();
        this.advanceTo(position);
      } catch (error) {
        this.#logger.error(`The read model cannot be read: ${String(error)}`);
        for (const waiter of this.#waiters) waiter.settle(false);
      }
    }
    this.#polling = false;
  }
}
