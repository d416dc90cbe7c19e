import { Inject, Injectable, Logger } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import type { EventStore } from '#event-store';
import type { ProjectionOperations, ProjectionStatus } from '#projections';
import { CLOCK, METRICS, STORES, type Clock } from '../platform/injection-tokens.ts';

interface ProjectionSources {
  readonly events: EventStore;
  readonly readModel: {
    readonly projections: readonly Pick<ProjectionOperations, 'name' | 'status'>[];
  };
}

/**
 * Gauges of how far each projection is behind the log and whether it moves, read for each scrape of the metrics. Every
 * process reports the same values, whether or not it runs the projections.
 */
@Injectable()
export class ProjectionMetrics {
  readonly #logger = new Logger(ProjectionMetrics.name);
  /** The read that all gauges of one scrape share. */
  #pendingRead: Promise<ProjectionStatus[]> | null = null;

  constructor(
    @Inject(METRICS) private readonly registry: Registry,
    @Inject(STORES) private readonly sources: ProjectionSources,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#addGauge('lag_events', 'Events not projected yet, 10,000 at most', ({ lag }) => {
      return lag.events;
    });
    this.#addGauge('lag_seconds', 'Age of the oldest event not projected yet', ({ lag }) => {
      return lag.seconds;
    });
    this.#addGauge('stuck', '1 if it is behind and has not moved for 10 s', ({ stuck }) => {
      return Number(stuck);
    });
    this.#addGauge('held_events', 'Dead letters and the events blocked by them', ({ live }) => {
      return live.deadLetters;
    });
  }

  #addGauge(name: string, help: string, valueOf: (status: ProjectionStatus) => number): void {
    const readStatuses = (): Promise<ProjectionStatus[]> => {
      this.#pendingRead ??= this.#readStatuses().finally(() => {
        this.#pendingRead = null;
      });
      return this.#pendingRead;
    };
    new Gauge({
      name: `reachability_projection_${name}`,
      help,
      labelNames: ['projection'],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const status of await readStatuses()) {
          this.set({ projection: status.name }, valueOf(status));
        }
      },
    });
  }

  /** Leaves out projections whose status cannot be read, so that all other metrics are still reported. */
  async #readStatuses(): Promise<ProjectionStatus[]> {
    const { events, readModel } = this.sources;
    const now = this.clock();
    const results = await Promise.allSettled(
      readModel.projections.map((projection) => projection.status(events, now)),
    );
    return results.flatMap((result) => {
      if (result.status === 'fulfilled') return [result.value];
      this.#logger.warn(`Cannot read the status of a projection: ${String(result.reason)}`);
      return [];
    });
  }
}
