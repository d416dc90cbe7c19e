import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import {
  EventStoreUnavailableError,
  hasReached,
  latest,
  OUTAGE_RETRY,
  retryUntilAborted,
  type Position,
} from '#event-store';
import type { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { logFailure } from '../platform/log-failure.ts';
import type { WakeSignal } from '../platform/wake-signal.ts';
import type { FeedChange } from './feed-change.ts';
import type { FeedPage, ServiceChanges } from './service-changes.ts';

/** Changes kept for feeds that are a moment behind; those that are further behind read the timeline themselves. */
const CHANGES_KEPT = 512;
/** Milliseconds of one wait for the timeline. */
const WAIT_MS = 2_000;

/**
 * The latest changes of one Service, read once for all feeds of this process that follow it. The log says when there is
 * something to read.
 */
export class ServiceTail {
  readonly #logger = new Logger(ServiceTail.name);
  readonly #changes: ServiceChanges;
  readonly #progress: Pick<ReadModelProgress, 'waitFor'>;
  readonly #stopping = new AbortController();
  readonly #followers = new Set<WakeSignal>();
  #kept: FeedChange[] = [];
  /** Every change after it, up to the end, is kept. */
  #start: Position | null;
  #end: Position | null;
  #generation: number;
  /** Position of the Service's latest event in the log. */
  #target: Position | null = null;
  #isReading = false;

  /** @param from an empty page, after which the tail begins */
  constructor(
    changes: ServiceChanges,
    progress: Pick<ReadModelProgress, 'waitFor'>,
    from: Pick<FeedPage, 'position' | 'generation'>,
  ) {
    this.#changes = changes;
    this.#progress = progress;
    this.#start = from.position;
    this.#end = from.position;
    this.#generation = from.generation;
  }

  /** Position up to which all changes were read. */
  get position(): Position | null {
    return this.#end;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Wakes a feed whenever the tail has moved, until {@link removeFollower}. */
  addFollower(follower: WakeSignal): void {
    this.#followers.add(follower);
  }

  removeFollower(follower: WakeSignal): void {
    this.#followers.delete(follower);
  }

  get isUnused(): boolean {
    return this.#followers.size === 0;
  }

  /** Returns the changes after a position; null if those next to it are no longer kept. */
  pageAfter(position: Position | null): FeedPage | null {
    if (!hasReached(position, this.#start)) return null;
    const next = this.#kept.findLastIndex((change) => hasReached(position, change.position)) + 1;
    return {
      changes: this.#kept.slice(next),
      position: latest(position, this.#end),
      hasMore: false,
      generation: this.#generation,
    };
  }

  /** Reads on, because the log has an event of the Service or of one of its Users at a position. */
  advanceTo(position: Position | null): void {
    this.#target = latest(this.#target, position);
    if (!this.#isReading) void this.#readOn();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #readOn(): Promise<void> {
    this.#isReading = true;
    const { signal } = this.#stopping;
    while (!signal.aborted && !hasReached(this.#end, this.#target)) {
      const read = (): Promise<void> => this.#readPage();
      await retryUntilAborted(OUTAGE_RETRY, signal, read, (error) =>
        logFailure(this.#logger, 'warn', 'Cannot read the changes of a Service', error),
      );
      // Lets the feeds take these changes before others replace them.
      await nextTurn();
    }
    this.#isReading = false;
  }

  async #readPage(): Promise<void> {
    const target = this.#target;
    if (!(await this.#progress.waitFor(target, WAIT_MS))) {
      throw new EventStoreUnavailableError('The timeline is behind');
    }
    const page = await this.#changes.readAfter(this.#end);
    this.#add(page);
    if (!page.hasMore && !hasReached(page.position, target)) {
      throw new EventStoreUnavailableError('The timeline is behind');
    }
  }

  #add({ changes, position, generation }: FeedPage): void {
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.#kept = [];
      this.#start = this.#end;
    }
    this.#kept.push(...changes);
    this.#end = latest(this.#end, position);
    const dropped = this.#kept.splice(0, Math.max(0, this.#kept.length - CHANGES_KEPT));
    this.#start = dropped.at(-1)?.position ?? this.#start;
    for (const follower of this.#followers) follower.wake();
  }
}
