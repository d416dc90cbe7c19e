import { hasReached, latest, type Position } from '#event-store';
import type { PublishedPositions, PublishedScope } from './published-positions.ts';
import type { ReadModelProgress } from './read-model-progress.ts';
import { waitUntilVisible } from './written.ts';

type Progress = Pick<ReadModelProgress, 'position' | 'shown' | 'observe' | 'refresh' | 'waitFor'>;

/** Holds back reads until the read model shows what this process has published, and a position that the reader names. */
export class ReadBarrier {
  readonly #published: PublishedPositions;
  readonly #progress: Progress;
  /** Checkpoint at which a wait has timed out; undefined if none has. */
  #stuckAt: Position | null | undefined;

  constructor(published: PublishedPositions, progress: Progress) {
    this.#published = published;
    this.#progress = progress;
  }

  /** True while no read has to wait, unless its reader names a position. */
  get isOpen(): boolean {
    const { position, shown } = this.#progress;
    return this.#published.isEmpty && hasReached(position, shown);
  }

  /** See {@link ReadModelProgress.observe}. */
  observe(): Position | null {
    return this.#progress.observe();
  }

  /**
   * True once the read model shows what was published about a scope, what it has shown before, and `named`; false after
   * 2 seconds. While the read
   * model does not move at all, only the first read waits for what was published: others get false at once.
   *
   * @param named position that the reader knows; null if none
   */
  async pass(scope: PublishedScope, named: Position | null): Promise<boolean> {
    const required = latest(this.#published.requiredFor(scope), named);
    const position = latest(required, this.#progress.shown);
    if (hasReached(this.#progress.position, position)) return true;
    // Another process may keep the read model: then this one learns of its checkpoint only by reading it.
    await this.#progress.refresh();
    if (hasReached(this.#progress.position, position)) return true;
    if (named === null && this.#stuckAt === this.#progress.position) return false;
    const isReached = await waitUntilVisible(this.#progress, { position });
    this.#stuckAt = isReached ? undefined : this.#progress.position;
    return isReached;
  }
}
