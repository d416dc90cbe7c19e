import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { StoreHealthRecord } from '#event-store';
import type { RunnerState, RunnerStatus } from '#projections';
import { summaryProjection, timelineProjection, usersProjection } from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { CREDENTIALS, READ_MODEL_HEALTH } from '../platform/injection-tokens.ts';
import { SummaryProgress } from '../use-cases/summary-progress.ts';
import { TimelineProgress } from '../use-cases/timeline-progress.ts';
import { WebhookWorker } from '../webhooks/webhook-worker.ts';
import {
  startProjectionThread,
  type FromProjectionThread,
  type ToProjectionThread,
} from './start-projection-thread.ts';
import { SupervisedThread } from './supervised-thread.ts';

const STOP: ToProjectionThread = 'stop';

/**
 * Runs the projections and the webhook enqueuer in a thread, unless ROLE=api, so that folding and committing do not
 * block the event loop that serves sockets.
 */
@Injectable()
export class ProjectionThread implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(ProjectionThread.name);
  readonly #thread: SupervisedThread<FromProjectionThread>;
  readonly #progress: ReadonlyMap<string, ReadModelProgress>;
  readonly #states = new Map<string, RunnerState>();
  /** Projections that a store keeps from their work, until they are live again. */
  readonly #waiting = new Set<string>();

  constructor(
    private readonly settings: Settings,
    users: ReadModelProgress,
    timeline: TimelineProgress,
    summary: SummaryProgress,
    webhooks: WebhookWorker,
    @Inject(CREDENTIALS) { accountSid }: Credentials,
    @Inject(READ_MODEL_HEALTH) private readonly readModelHealth: StoreHealthRecord,
  ) {
    this.#progress = new Map([
      [usersProjection.name, users],
      [timelineProjection.name, timeline],
      [summaryProjection.name, summary],
    ]);
    this.#thread = new SupervisedThread({
      start: () => startProjectionThread(settings, accountSid),
      onMessage: (message: FromProjectionThread) => {
        if (message.kind === 'queued') webhooks.wake();
        else if (message.kind === 'warning') this.#logger.warn(message.message);
        else this.#onStatus(message.projection, message.status);
      },
      onExit: (reason) => this.#onThreadExit(reason),
    });
  }

  onModuleInit(): void {
    if (this.settings.ROLE !== 'api') this.#thread.start();
  }

  /** Settles when the thread has finished its current transactions and ended. */
  async onApplicationShutdown(): Promise<void> {
    await this.#thread.stop(STOP);
  }

  #onStatus(projection: string, status: RunnerStatus): void {
    const { state, position, error, unavailable } = status;
    const progress = this.#progress.get(projection);
    if (progress !== undefined) this.#recordHealth(status, progress.position !== position);
    progress?.advanceTo(position);
    if (unavailable !== undefined) this.#waiting.add(projection);
    if (state !== (this.#states.get(projection) ?? 'stopped')) {
      this.#states.set(projection, state);
      // `StoreMonitor` logs when a store is out of reach and when it is back.
      const isOutage = this.#waiting.has(projection);
      if (isOutage) this.#logger.debug(`Projection ${projection}: ${state} ${error ?? ''}`);
      else if (state === 'down') {
        this.#logger.error(`Projection ${projection} is down: ${error ?? 'unknown reason'}`);
      } else this.#logger.log(`Projection ${projection}: ${state}`);
    }
    if (state === 'live') this.#waiting.delete(projection);
  }

  /** Commits show that the read model can be written. It cannot where the projection is down for it. */
  #recordHealth({ state, error, unavailable }: RunnerStatus, hasMoved: boolean): void {
    if (unavailable === 'store') this.readModelHealth.setWriteFault(error);
    else if (hasMoved) this.readModelHealth.writeSucceeded();
    else if (state === 'live' || state === 'standby') this.readModelHealth.setWriteFault(null);
  }

  #onThreadExit(reason: string): void {
    this.#states.clear();
    this.#logger.error(`The projection thread failed: ${reason}`);
  }
}
