import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { RunnerState } from '#projections';
import { timelineProjection, usersProjection } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '../infrastructure/read-model-progress.ts';
import { TimelineProgress } from '../infrastructure/timeline-progress.ts';
import { KeptThread } from './kept-thread.ts';
import type { ProjectionReport, ToProjectionThread } from './projection-messages.ts';
import { startProjectionThread } from './start-projection-thread.ts';

const STOP: ToProjectionThread = 'stop';

/**
 * Runs every projection in a thread of its own, unless this process only serves requests: what folding and
 * committing take is not taken from the event loop that serves sockets.
 */
@Injectable()
export class ProjectionRunners implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(ProjectionRunners.name);
  readonly #wanted: boolean;
  readonly #thread: KeptThread<ProjectionReport>;
  readonly #progress: ReadonlyMap<string, ReadModelProgress>;
  readonly #states = new Map<string, RunnerState>();

  constructor(settings: Settings, users: ReadModelProgress, timeline: TimelineProgress) {
    this.#wanted = settings.ROLE !== 'api';
    this.#progress = new Map([
      [usersProjection.name, users],
      [timelineProjection.name, timeline],
    ]);
    this.#thread = new KeptThread({
      start: () => startProjectionThread(settings),
      onMessage: (report: ProjectionReport) => this.#note(report),
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

  #note({ projection, status: { state, position, error } }: ProjectionReport): void {
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
