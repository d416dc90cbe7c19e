import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { PositionWaiters } from './position-waiters.ts';
import { USERS_READ_MODEL } from '../platform/injection-tokens.ts';

/** How often to look at a read model that another process writes, in milliseconds. */
const POLL_MS = 10;

/**
 * Lets a write wait until reads see it. A runner in this process reports each commit; commits of other
 * processes are found by looking, and only while somebody waits.
 */
@Injectable()
export class ReadModelProgress {
  readonly #logger = new Logger(ReadModelProgress.name);
  readonly #readModel: Pick<UsersReadModel, 'checkpoint'>;
  readonly #waiters = new PositionWaiters();
  #polling = false;

  constructor(@Inject(USERS_READ_MODEL) readModel: Pick<UsersReadModel, 'checkpoint'>) {
    this.#readModel = readModel;
  }

  get position(): Position | null {
    return this.#waiters.position;
  }

  /** To be called after each commit of the read model. */
  advanceTo(position: Position | null): void {
    this.#waiters.advanceTo(position);
  }

  /** True once reads see everything up to `position`; false when that takes longer than `timeoutMs`. */
  waitFor(position: Position | null, timeoutMs: number): Promise<boolean> {
    const reached = this.#waiters.waitFor(position, timeoutMs);
    if (this.#waiters.isAwaited && !this.#polling) void this.#poll();
    return reached;
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#waiters.isAwaited) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      try {
        const { position } = await this.#readModel.checkpoint();
        this.advanceTo(position);
      } catch (error) {
        this.#logger.error(`The read model cannot be read: ${String(error)}`);
        this.#waiters.giveUp();
      }
    }
    this.#polling = false;
  }
}
