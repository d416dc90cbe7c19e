import { hasReached, type Position } from '#event-store';
import { formatVersion } from '#read-model';
import { ownTurn } from '../platform/own-turn.ts';
import { isStoreUnavailable } from '../platform/store-errors.ts';
import type { WakeSignal } from '../platform/wake-signal.ts';
import type { ChangeFeedMetrics } from './change-feed-metrics.ts';
import { isShown, type ChangeFilter } from './change-filter.ts';
import type { FeedPage } from './service-changes.ts';
import type { FollowedService } from './service-tails.ts';
import { eventText, heartbeatText, retryText } from './sse.ts';

/** Why a reader has to take a new snapshot: see {@link ChangeFeed}. */
export type ResyncReason = 'epoch' | 'gap' | 'history';

/** Where a feed begins. */
export interface FeedStart {
  /** The reader knows everything up to here; null before the first event. */
  readonly position: Position | null;
  /** Why the reader cannot go on from where it was; null if it can. */
  readonly resync: ResyncReason | null;
}

/**
 * Why a feed ends. After `moved` and `failed` the reader reconnects; `closed` means that it has left; after the others it
 * would be refused.
 */
export type FeedEnd = 'moved' | 'failed' | 'closed' | 'credentials' | 'service_deleted';

export interface FeedOptions {
  readonly followed: FollowedService;
  readonly wakeSignal: WakeSignal;
  readonly filter: ChangeFilter;
  readonly start: FeedStart;
  readonly heartbeatMs: number;
  readonly metrics: ChangeFeedMetrics;
  /** Returns the milliseconds after which the reader is to reconnect. */
  readonly reconnectMs: () => number;
}

/** Milliseconds after which a reader reconnects whose connection breaks. */
const RETRY_MS = 1_000;
/** Characters that are sent at once: as many as may wait for a reader that is slow. */
const CHUNK = 16_384;

/**
 * One open change feed: sends what its Service's tail has, and whatever is older from the timeline. Its place is a
 * position; nothing is queued for a reader that is slow.
 */
export class ChangeFeed {
  readonly #options: FeedOptions;
  #position: Position | null;
  /** What the reader will resume from. */
  #sent: Position | null;
  #sentAt = performance.now();
  #generation: number;
  #end: FeedEnd | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#position = options.start.position;
    this.#sent = options.start.position;
    this.#generation = options.followed.tail.generation;
  }

  /** Lets the feed end once its reader has what was sent so far; the first reason stays. */
  end(reason: FeedEnd): void {
    this.#end ??= reason;
    this.#options.wakeSignal.wake();
  }

  /** Yields the text of the stream, in pieces that are read only when the reader takes them. */
  async *text(): AsyncGenerator<string, void> {
    yield retryText(RETRY_MS) + this.#startText();
    while (this.#end === null) {
      const page = await this.#nextPage();
      if (page === null) continue;
      if (page.generation !== this.#generation) {
        this.#generation = page.generation;
        yield this.#resyncText('history');
      }
      yield* this.#show(page);
      const silentMs = performance.now() - this.#sentAt;
      if (silentMs >= this.#options.heartbeatMs) yield this.#heartbeat();
      else if (!page.hasMore && this.#isAtEnd()) {
        await this.#options.wakeSignal.wait(this.#options.heartbeatMs - silentMs);
      }
    }
    yield this.#endText(this.#end);
  }

  /** The next page from the tail, or from the timeline for a reader that is further behind; null where that fails. */
  async #nextPage(): Promise<FeedPage | null> {
    const { followed, metrics } = this.#options;
    const { tail, changes } = followed;
    const kept = tail.pageAfter(this.#position);
    if (kept !== null) return kept;
    await ownTurn();
    metrics.replayedPages.inc();
    try {
      return await changes.readAfter(this.#position);
    } catch (error) {
      if (!isStoreUnavailable(error)) throw error;
      this.end('failed');
      return null;
    }
  }

  *#show({ changes, position }: FeedPage): Generator<string> {
    const { filter } = this.#options;
    let chunk = '';
    for (const item of changes) {
      const { change } = item;
      if (!isShown(filter, change)) continue;
      chunk += item.text;
      this.#sent = change.position;
      this.#options.metrics.events.inc();
      if (change.kind === 'service' && change.deleted) this.end('service_deleted');
      if (chunk.length < CHUNK) continue;
      yield this.#sending(chunk);
      chunk = '';
    }
    this.#position = position;
    if (chunk !== '') yield this.#sending(chunk);
  }

  #sending(text: string): string {
    this.#sentAt = performance.now();
    return text;
  }

  #isAtEnd(): boolean {
    return hasReached(this.#position, this.#options.followed.tail.position);
  }

  #heartbeat(): string {
    this.#sent = this.#position;
    return this.#sending(heartbeatText(this.#version));
  }

  get #version(): string {
    const { epoch } = this.#options.followed.changes;
    return formatVersion(epoch, this.#sent ?? '0');
  }

  #startText(): string {
    const { start, followed } = this.#options;
    if (start.resync !== null) return this.#resyncText(start.resync);
    const version = this.#version;
    const data = { service_sid: followed.changes.serviceSid, version };
    return eventText({ event: 'start', id: version, data });
  }

  #resyncText(reason: ResyncReason): string {
    const version = this.#version;
    const data = { service_sid: this.#options.followed.changes.serviceSid, version, reason };
    return eventText({ event: 'resync', id: version, data });
  }

  #endText(reason: FeedEnd): string {
    if (reason === 'credentials' || reason === 'service_deleted') {
      return eventText({ event: 'end', id: this.#version, data: { reason } });
    }
    return retryText(this.#options.reconnectMs());
  }
}
