import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { ReachabilityEvent } from '#domain';
import type { EventStore } from '#event-store';
import {
  ProjectionRunner,
  type Projection,
  type ProjectionVersions,
  type RunnerState,
  type RunnerStatus,
} from '#projections';
import { timelineProjection, usersProjection } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '../infrastructure/read-model-progress.ts';
import { TimelineProgress } from '../infrastructure/timeline-progress.ts';
import { EVENT_STORE, STORES } from '../infrastructure/tokens.ts';

type Runner = Pick<ProjectionRunner<unknown, ReachabilityEvent>, 'start' | 'stop'>;

/** Events folded at a time: few, since requests wait meanwhile. The command line takes larger steps. */
const BATCH_SIZE = 200;

/** Runs every projection, unless this process only serves requests. Each follows the log on its own. */
@Injectable()
export class ProjectionRunners implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(ProjectionRunners.name);
  readonly #events: EventStore;
  readonly #runners: readonly Runner[];
  readonly #wanted: boolean;
  readonly #states = new Map<string, RunnerState>();

  constructor(
    settings: Settings,
    users: ReadModelProgress,
    timeline: TimelineProgress,
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(STORES) { readModel }: Stores,
  ) {
    this.#wanted = settings.ROLE !== 'api';
    this.#events = events;
    this.#runners = [
      this.#runner(usersProjection, readModel.usersVersions, users),
      this.#runner(timelineProjection, readModel.timelineVersions, timeline),
    ];
  }

  onModuleInit(): void {
    if (!this.#wanted) return;
    for (const runner of this.#runners) runner.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop()));
  }

  #runner<State>(
    projection: Projection<State, ReachabilityEvent>,
    versions: ProjectionVersions<State>,
    progress: ReadModelProgress,
  ): Runner {
    return new ProjectionRunner(projection, this.#events, versions.live(), {
      batchSize: BATCH_SIZE,
      onStatus: (status) => {
        progress.advanceTo(status.position);
        this.#log(projection.name, status);
      },
    });
  }

  #log(name: string, { state, error }: RunnerStatus): void {
    if (state === (this.#states.get(name) ?? 'stopped')) return;
    this.#states.set(name, state);
    if (state === 'down') {
      this.#logger.error(`Projection ${name} is down: ${error ?? 'no reason'}`);
    } else this.#logger.log(`Projection ${name}: ${state}`);
  }
}
