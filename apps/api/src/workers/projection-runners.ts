import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { EventStore } from '#event-store';
import { ProjectionRunner, type RunnerState, type RunnerStatus } from '#projections';
import { usersProjection } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '../infrastructure/read-model-progress.ts';
import { EVENT_STORE, STORES } from '../infrastructure/tokens.ts';

/** Runs the `users` projection, unless this process only serves requests. */
@Injectable()
export class UsersRunner implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(UsersRunner.name);
  readonly #runner;
  readonly #wanted: boolean;
  #state: RunnerState = 'stopped';

  constructor(
    settings: Settings,
    progress: ReadModelProgress,
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(STORES) stores: Stores,
  ) {
    this.#wanted = settings.ROLE !== 'api';
    this.#runner = new ProjectionRunner(
      usersProjection,
      events,
      stores.readModel.usersVersions.live(),
      {
        onStatus: (status) => {
          progress.advanceTo(status.position);
          this.#log(status);
        },
      },
    );
  }

  onModuleInit(): void {
    if (this.#wanted) this.#runner.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#runner.stop();
  }

  #log({ state, error }: RunnerStatus): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'down') this.#logger.error(`Projection users is down: ${error ?? 'no reason'}`);
    else this.#logger.log(`Projection users: ${state}`);
  }
}
