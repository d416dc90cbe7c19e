import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { EventStore } from '#event-store';
import { Settings } from '#shared/settings/settings';
import { TwilioError } from '#twilio-wire/twilio-error';
import { LogEntry } from '../platform/logging/log-entry.ts';
import { ApiKeyDirectory } from '../platform/api-keys/api-key-directory.ts';
import { BackgroundLoop } from '../platform/background-loop.ts';
import type { Caller } from '../platform/http/authentication/caller.ts';
import { EVENT_STORE } from '../platform/injection-tokens.ts';
import { KeyedCounter } from '../platform/keyed-counter.ts';
import { LimitExceededError } from '../platform/limit-exceeded-error.ts';
import { WakeSignal } from '../platform/wake-signal.ts';
import { LogFeed } from '../realtime/watching/log-feed.ts';
import { ChangeFeed, type FeedEnd, type FeedStart } from './change-feed.ts';
import { ChangeFeedMetrics } from './change-feed-metrics.ts';
import type { ChangeFilter } from './change-filter.ts';
import { ServiceTails, type FollowedService } from './service-tails.ts';

/** Milliseconds between two looks for secrets that have ended. */
const CREDENTIALS_CHECK_MS = 1_000;
/** Longest wait for a version that another node has sent, in milliseconds. */
const VERSION_TIMEOUT_MS = 2_000;
/** Milliseconds for a reader to take the end of its feed before it is cut off. */
const END_TIMEOUT_MS = 1_500;
/** Each reader waits a random time up to this before it reconnects to another process. */
const RECONNECT_WITHIN_MS = 1_000;
/** Seconds after which a reader that was refused may try again. */
const RETRY_AFTER_SECONDS = 10;

/** Who wants to follow what. */
export interface FeedRequest {
  readonly serviceSid: string;
  readonly caller: Pick<Caller, 'sid' | 'secret'>;
  readonly filter: ChangeFilter;
  /** What the reader knows; null to begin now. */
  readonly since: { readonly epoch: string; readonly position: string } | null;
}

interface OpenFeed {
  readonly feed: ChangeFeed;
  readonly output: Writable;
  readonly secret: Caller['secret'];
}

/** The open change feeds of this process: their number, and when they end. */
@Injectable()
export class ChangeFeeds extends BackgroundLoop {
  readonly #open = new Set<OpenFeed>();
  readonly #ofCallers: KeyedCounter;
  /** Feeds that are open or about to be. */
  #count = 0;
  #isAccepting: boolean;

  constructor(
    private readonly settings: Settings,
    private readonly tails: ServiceTails,
    private readonly log: LogFeed,
    private readonly keys: ApiKeyDirectory,
    private readonly metrics: ChangeFeedMetrics,
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'epoch'>,
  ) {
    const isEnabled = settings.ROLE !== 'worker';
    super({
      name: 'Ending change feeds of API keys that have ended',
      pauseMs: CREDENTIALS_CHECK_MS,
      isEnabled,
    });
    this.#isAccepting = isEnabled;
    this.#ofCallers = new KeyedCounter(settings.CHANGE_FEEDS_PER_KEY);
    keys.onChange(() => this.#endOfCredentials());
  }

  override runOnce(): Promise<'idle'> {
    this.#endOfCredentials();
    return Promise.resolve('idle');
  }

  /** Sends the readers to other processes. */
  override async beforeApplicationShutdown(): Promise<void> {
    this.#isAccepting = false;
    await super.beforeApplicationShutdown();
    await Promise.all([...this.#open].map((open) => this.#end(open, 'moved')));
  }

  /**
   * Opens a feed and returns its text. The feed ends when `output`, to which the text goes, is closed.
   *
   * @throws LimitExceededError for too many feeds of one caller
   * @throws TwilioError 503 for too many feeds, and from a process that stops or serves no readers
   */
  async open(request: FeedRequest, output: Writable): Promise<Readable> {
    const { serviceSid, caller } = request;
    this.#reserve(caller.sid);
    const wakeSignal = new WakeSignal();
    let followed: FollowedService | null = null;
    const release = (): void => {
      if (followed !== null) this.tails.leave(followed, wakeSignal);
      this.#count -= 1;
      this.metrics.open.set(this.#count);
      this.#ofCallers.remove(caller.sid);
    };
    try {
      followed = await this.tails.join(serviceSid, wakeSignal);
      const start = await this.#startOf(request.since, followed);
      return this.#start(request, { followed, wakeSignal, start }, output, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  #start(
    { filter, caller: { secret } }: FeedRequest,
    joined: {
      readonly followed: FollowedService;
      readonly wakeSignal: WakeSignal;
      readonly start: FeedStart;
    },
    output: Writable,
    release: () => void,
  ): Readable {
    const feed = new ChangeFeed({
      ...joined,
      filter,
      metrics: this.metrics,
      heartbeatMs: this.settings.CHANGE_FEED_HEARTBEAT_SECONDS * 1_000,
      reconnectMs: () => Math.round(Math.random() * RECONNECT_WITHIN_MS),
    });
    const open: OpenFeed = { feed, output, secret };
    this.#open.add(open);
    const close = (): void => {
      feed.end('closed');
      this.#open.delete(open);
      release();
    };
    if (output.closed) close();
    else output.once('close', close);
    // The process may have begun to stop, and the secret may have ended, while the feed was being opened.
    if (!this.#isAccepting) feed.end('moved');
    this.#endOfCredentials();
    const text = Readable.from(feed.text());
    text.on('error', (error) =>
      this.logger.error(new LogEntry(`A change feed failed: ${String(error)}`, { error })),
    );
    return text;
  }

  #reserve(callerSid: string): void {
    if (!this.#isAccepting)
      throw new TwilioError(503, 20503, 'This process serves no change feeds');
    if (this.#count >= this.settings.CHANGE_FEEDS) {
      this.metrics.refused.inc({ reason: 'too_many_feeds' });
      throw new TwilioError(503, 20503, 'Too many open change feeds');
    }
    if (!this.#ofCallers.add(callerSid)) {
      this.metrics.refused.inc({ reason: 'too_many_of_caller' });
      throw new LimitExceededError('too_many_feeds', RETRY_AFTER_SECONDS);
    }
    this.#count += 1;
    this.metrics.open.set(this.#count);
  }

  /** A reader that names a version of another epoch, or one that the log does not have, begins now. */
  async #startOf(
    since: FeedRequest['since'],
    { tail: { position: now } }: FollowedService,
  ): Promise<FeedStart> {
    if (since === null) return { position: now, resync: null };
    if (since.epoch !== this.store.epoch) return { position: now, resync: 'epoch' };
    const status = await this.log.positionStatus(since.position, VERSION_TIMEOUT_MS);
    if (status === 'beyond') return { position: now, resync: 'gap' };
    return { position: since.position, resync: null };
  }

  #endOfCredentials(): void {
    for (const open of this.#open) {
      const { secret } = open;
      if (secret !== null && !this.keys.isValid(secret)) void this.#end(open, 'credentials');
    }
  }

  /** Settles once the reader has left, by itself or because it did not take the end of its feed in time. */
  async #end({ feed, output }: OpenFeed, reason: FeedEnd): Promise<void> {
    feed.end(reason);
    if (output.closed) return;
    const closed = new AbortController();
    const left = once(output, 'close').then(() => closed.abort());
    const late = delay(END_TIMEOUT_MS, null, { signal: closed.signal }).then(
      () => output.destroy(),
      () => undefined,
    );
    await Promise.all([left, late]);
  }
}
