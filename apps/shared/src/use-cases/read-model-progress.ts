import type { Position } from '#event-store';
import { PositionWaiters } from './position-waiters.ts';

/** Milliseconds between two looks at a checkpoint that another process moves. */
const POLL_MS = 10;

/**
 * The checkpoint of a read model, and a way to wait for it. A projection in this process reports each commit with
 * {@link advanceTo}. Commits of other processes are found by polling, and only while somebody waits.
 */
export class ReadModelProgress {
  readonly #readModel: CheckpointSource;
  readonly #onError: (message: string) => void;
  readonly #waiters = new PositionWaiters();
  #polling = false;

  /** @param onError takes a line for the log when the checkpoint cannot be read */
  constructor(readModel: CheckpointSource, onError: (message: string) => void = () => undefined) {
    this.#readModel = readModel;
    this.#onError = onError;
  }

  get position(): Position | null {
    return this.#waiters.position;
  }

  /** Call it after each commit of the read model. */
  advanceTo(position: Position | null): void {
    this.#waiters.advanceTo(position);
  }

  /** True once reads see everything up to `position`; false when that takes longer than `timeoutMs`. */
  waitFor(position: Position | null, timeoutMs: number): Promise<boolean> {
    const reached = this.#waiters.waitFor(position, timeoutMs);
    if (this.#waiters.isAwaited && !this.#polling) void this.#poll();
    return reached;
  }

  /** Reads the checkpoint now, for a process whose read model another one keeps. */
  async refresh(): Promise<void> {
    try {
      const { position } = await this.#readModel.checkpoint();
      this.advanceTo(position);
    } catch (error) {
      this.#onError(`The read model cannot be read: ${String(error)}`);
      this.#waiters.giveUp();
    }
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#waiters.isAwaited) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      await this.refresh();
    }
    this.#polling = false;
  }
}

interface CheckpointSource {
  checkpoint(): Promise<{ readonly position: Position | null }>;
}
