import { Inject, Injectable } from '@nestjs/common';
import { retryUntilAborted, type BackOff, type EventStore } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { ApiKeyDirectory } from '../../platform/api-keys/api-key-directory.ts';
import { BackgroundLoop } from '../../platform/background-loop.ts';
import {
  CLOCK,
  EVENT_STORE,
  USERS_READ_MODEL,
  type Clock,
} from '../../platform/injection-tokens.ts';
import { Settings } from '#shared/settings/settings';
import { LogFeed } from '../watching/log-feed.ts';
import { Sessions } from './sessions.ts';

/** Milliseconds between two looks for secrets that have ended by time. */
const EXPIRY_CHECK_MS = 1_000;
/** Milliseconds that one attempt waits for the log feed. */
const FEED_TIMEOUT_MS = 1_000;
const RETRY: BackOff = { baseMs: 20, capMs: 1_000 };

/**
 * Keeps the API keys of this process as the log has them, and ends sessions with the key that signed their token: at
 * once when the log shows a revocation or a rotation, and within a second when a key or an overlap runs out.
 */
@Injectable()
export class ApiKeyFollower extends BackgroundLoop {
  readonly #stopping = new AbortController();
  #checkedAt: Date;

  constructor(
    settings: Settings,
    private readonly directory: ApiKeyDirectory,
    private readonly feed: LogFeed,
    private readonly sessions: Sessions,
    @Inject(USERS_READ_MODEL) private readonly readModel: Pick<UsersReadModel, 'everyApiKey'>,
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'head'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    super({
      name: 'Ending sessions of API keys that have ended',
      pauseMs: EXPIRY_CHECK_MS,
      isEnabled: settings.ROLE !== 'worker',
    });
    this.#checkedAt = clock();
    directory.onChange(() => this.#endSessions());
    feed.onEvent((event) => directory.apply(event));
  }

  /** Loads the keys. Call it after the log feed has started: later events come from there. */
  async start(): Promise<void> {
    const { keys, checkpoint } = await this.readModel.everyApiKey();
    this.directory.load(keys, checkpoint);
    void this.#markCurrent();
  }

  /** Call it in place of {@link start} in a process that does not follow the log. */
  acceptNone(): void {
    this.directory.acceptNone();
  }

  override async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await super.beforeApplicationShutdown();
  }

  override runOnce(): Promise<'more' | 'idle'> {
    const now = this.clock();
    if (this.directory.hasEndedSince(this.#checkedAt)) this.#endSessions();
    this.#checkedAt = now;
    return Promise.resolve('idle');
  }

  /** Lets keys be used once the feed has shown all events up to the head of now: a revocation may be among them. */
  async #markCurrent(): Promise<void> {
    const { signal } = this.#stopping;
    const caughtUp = async (): Promise<void> => {
      const head = await this.store.head();
      if (!(await this.feed.waitFor(head, FEED_TIMEOUT_MS))) throw new Error('the log is behind');
    };
    await retryUntilAborted(RETRY, signal, caughtUp, () => undefined);
    if (!signal.aborted) this.directory.markCurrent();
  }

  #endSessions(): void {
    this.sessions.terminateSignedBy((secret) => !this.directory.isValid(secret));
  }
}
