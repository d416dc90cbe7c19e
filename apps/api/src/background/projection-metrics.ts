import { Inject, Injectable, Logger } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import type { EventStore } from '#event-store';
import type { ProjectionOperations, ProjectionStatus } from '#projections';
import { CLOCK, METRICS, STORES, type Clock } from '../platform/injection-tokens.ts';

/** What it takes to ask. */
interface Asked {
  readonly events: EventStore;
  readonly readModel: {
    readonly projections: readonly Pick<ProjectionOperations, 'name' | 'status'>[];
  };
}

/**
 * How the projections stand, asked whenever the metrics are read: how far they are behind, and whether they move.
 * Every process shows the same, whichever of them runs the projections.
 */
@Injectable()
export class ProjectionMetrics {
  readonly #logger = new Logger(ProjectionMetrics.name);
  readonly #log: EventStore;
  readonly #projections: Asked['readModel']['projections'];
  readonly #clock: Clock;
  /** What all figures of one reading share. */
  #asked: Promise<ProjectionStatus[]> | null = null;

  constructor(
    @Inject(METRICS) registry: Registry,
    @Inject(STORES) { events, readModel }: Asked,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#log = events;
    this.#projections = readModel.projections;
    this.#clock = clock;
    this.#show(registry, 'lag_events', 'Events not projected yet, 10,000 at most', (status) => {
      return status.lag.events;
    });
    this.#show(registry, 'lag_seconds', 'Age of the oldest event not projected yet', (status) => {
      return status.lag.seconds;
    });
    this.#show(registry, 'stuck', '1 where it is behind and has not moved for 10 s', (status) => {
      return Number(status.stuck);
    });
    this.#show(registry, 'held_events', 'Dead letters, and what waits behind them', (status) => {
      return status.live.deadLetters;
    });
  }

  #show(
    registry: Registry,
    what: string,
    help: string,
    valueOf: (status: ProjectionStatus) => number,
  ): void {
    const statuses = (): Promise<ProjectionStatus[]> => {
      this.#asked ??= this.#statuses().finally(() => {
        this.#asked = null;
      });
      return this.#asked;
    };
    new Gauge({
      name: `reachability_projection_${what}`,
      help,
      labelNames: ['projection'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const status of await statuses()) {
          this.set({ projection: status.name }, valueOf(status));
        }
      },
    });
  }

  /** What cannot be known now is left out: that the other metrics are shown is worth more. */
  async #statuses(): Promise<ProjectionStatus[]> {
    const now = this.#clock();
    const asked = await Promise.allSettled(
      this.#projections.map((projection) => projection.status(this.#log, now)),
    );
    return asked.flatMap((answer) => {
      if (answer.status === 'fulfilled') return [answer.value];
      this.#logger.warn(`How a projection stands is not known: ${String(answer.reason)}`);
      return [];
    });
  }
}
