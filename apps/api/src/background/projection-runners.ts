import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { RunnerState, RunnerStatus } from '#projections';
import { timelineProjection, usersProjection } from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { TimelineProgress } from '../use-cases/timeline-progress.ts';
import { CREDENTIALS } from '../platform/injection-tokens.ts';
import { WebhookWorker } from '../webhooks/webhook-worker.ts';
import { SupervisedThread } from './supervised-thread.ts';
import type { FromProjectionThread, ToProjectionThread } from './projection-messages.ts';
import { startProjectionThread } from './start-projection-thread.ts';

const STOP: ToProjectionThread = 'stop';

/**
 * Projects the log in a thread of its own, the intake of webhooks included, unless this process only serves
 * requests: what folding and committing take is not taken from the event loop that serves sockets.
 */
@Injectable()
export class ProjectionRunners implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(ProjectionRunners.name);
  readonly #wanted: boolean;
  readonly #thread: SupervisedThread<FromProjectionThread>;
  readonly #progress: ReadonlyMap<string, ReadModelProgress>;
  readonly #states = new Map<string, RunnerState>();

  constructor(
    settings: Settings,
    users: ReadModelProgress,
    timeline: TimelineProgress,
    webhooks: WebhookWorker,
    @Inject(CREDENTIALS) { accountSid }: Credentials,
  ) {
    this.#wanted = settings.ROLE !== 'api';
    this.#progress = new Map([
      [usersProjection.name, users],
      [timelineProjection.name, timeline],
    ]);
    this.#thread = new SupervisedThread({
      start: () => startProjectionThread(settings, accountSid),
      onMessage: (message: FromProjectionThread) => {
        if (message.kind === 'queued') webhooks.wake();
        else this.#note(message.projection, message.status);
      },
      onDeath: (reason) => this.#noteDeath(reason),
    });
  }

  onModuleInit(): void {
    if (this.#wanted) this.#thread.start();
  }

  /** What is being committed is committed. */
  async onApplicationShutdown(): Promise<void> {
    await this.#thread.stop(STOP);
  }

  #note(projection: string, { state, position, error }: RunnerStatus): void {
    this.#progress.get(projection)?.advanceTo(position);
    if (state === (this.#states.get(projection) ?? 'stopped')) return;
    this.#states.set(projection, state);
    if (state === 'down') {
      this.#logger.error(`Projection ${projection} is down: ${error ?? 'no reason'}`);
    } else this.#logger.log(`Projection ${projection}: ${state}`);
  }

  #noteDeath(reason: string): void {
    this.#states.clear();
    this.#logger.error(`The thread of the projections died: ${reason}`);
  }
}
