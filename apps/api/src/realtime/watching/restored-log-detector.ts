import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { assertNotRestored, EventStoreUnavailableError, LogRestoredError } from '#event-store';
import { assertFollowersAreOfLog } from '#shared/composition/followers';
import type { Stores } from '#shared/composition/stores';
import { Readiness } from '../../platform/health/readiness.ts';
import { ON_LOG_RESTORED, STORES } from '../../platform/injection-tokens.ts';
import { PollingLoop } from '../../platform/polling-loop.ts';
import { LogFeed } from './log-feed.ts';

const CHECK_EVERY_MS = 1_000;
/** Checks of the log for one of the followers in a database. Whoever moves them compares them with the log, too. */
const CHECKS_PER_COMPARISON = 10;

/**
 * Notices while the process runs that the log went back, or that another process has given it a new epoch. Then the
 * process is not ready, and starts over with new stores: every place in the log and every version that it holds is void.
 */
@Injectable()
export class RestoredLogDetector implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(RestoredLogDetector.name);
  readonly #checks: PollingLoop;
  #isRestored = false;
  #round = 0;

  constructor(
    @Inject(STORES)
    private readonly stores: Pick<Stores, 'events' | 'readModel' | 'operations' | 'signals'>,
    private readonly feed: LogFeed,
    private readonly readiness: Readiness,
    @Inject(ON_LOG_RESTORED) private readonly onRestored: () => void,
  ) {
    this.#checks = new PollingLoop(
      'Comparing the log with what was read from it',
      () => this.#check(),
      { least: CHECK_EVERY_MS },
      this.#logger,
    );
  }

  onApplicationBootstrap(): void {
    this.#checks.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#checks.stop();
  }

  async #check(): Promise<'idle'> {
    if (this.#isRestored) return 'idle';
    const { events } = this.stores;
    try {
      if (await events.isCurrent()) {
        await assertNotRestored(events, this.feed.lastEvent, 'the log feed');
        if (this.#comparesFollowers()) await assertFollowersAreOfLog(events, this.stores);
      } else this.#startOver('The log has a new epoch, or its file was replaced');
    } catch (error) {
      if (error instanceof LogRestoredError) this.#startOver(error.message);
      // Whoever follows the log reports that it cannot be reached.
      else if (!(error instanceof EventStoreUnavailableError)) throw error;
    }
    return 'idle';
  }

  /** Files are near, and read in each round. */
  #comparesFollowers(): boolean {
    this.#round += 1;
    return this.stores.signals === null || this.#round % CHECKS_PER_COMPARISON === 0;
  }

  #startOver(reason: string): void {
    this.#isRestored = true;
    this.#logger.error(`${reason}. Starting over`);
    this.readiness.suspendForRestoredLog(reason);
    this.onRestored();
  }
}
