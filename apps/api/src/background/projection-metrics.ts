import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import type { EventStore } from '#event-store';
import type { ProjectionOperations, ProjectionStatus } from '#projections';
import {
  CLOCK,
  METRICS,
  MONOTONIC,
  STORES,
  type Clock,
  type Monotonic,
} from '../platform/injection-tokens.ts';
import { logFailure } from '../platform/log-failure.ts';

/** Milliseconds for which a scrape waits for a store. After that it reports the last values. */
const MAX_WAIT_MS = 1_000;

type ObservedProjection = Pick<ProjectionOperations, 'name' | 'status'>;

interface ProjectionSources {
  readonly events: EventStore;
  readonly readModel: { readonly projections: readonly ObservedProjection[] };
}

/** The status of a projection, and when it was read, by the monotonic clock. */
interface KnownStatus {
  readonly status: ProjectionStatus;
  readonly readAt: number;
}

/**
 * Gauges of how far each projection is behind the log and whether it moves, read for each scrape of the metrics. Every
 * process reports the same values, whether or not it runs the projections. While a store does not answer, the last values
 * stay, with their age: an alert must not go away when it is needed.
 */
@Injectable()
export class ProjectionMetrics {
  readonly #logger = new Logger(ProjectionMetrics.name);
  /** By the projection's name. */
  readonly #known = new Map<string, KnownStatus>();
  /** Reads that a store has not answered yet, by the projection's name. */
  readonly #reads = new Map<string, Promise<void>>();
  /** The look that all gauges of one scrape share. */
  #pendingLook: Promise<unknown> | null = null;

  constructor(
    @Inject(METRICS) private readonly registry: Registry,
    @Inject(STORES) private readonly sources: ProjectionSources,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MONOTONIC) private readonly monotonic: Monotonic,
  ) {
    this.#addGauge('lag_events', 'Events not projected yet, 10,000 at most', ({ status }) => {
      return status.lag.events;
    });
    this.#addGauge('lag_seconds', 'Age of the oldest event not projected yet', ({ status }) => {
      return status.lag.seconds;
    });
    this.#addGauge('stuck', '1 if it is behind and has not moved for 10 s', ({ status }) => {
      return Number(status.stuck);
    });
    this.#addGauge('held_events', 'Dead letters and the events blocked by them', ({ status }) => {
      return status.live.deadLetters;
    });
    this.#addGauge(
      'status_age_seconds',
      'Age of the other values: it grows while a store does not answer',
      ({ readAt }) => (this.monotonic() - readAt) / 1_000,
    );
  }

  #addGauge(name: string, help: string, valueOf: (known: KnownStatus) => number): void {
    const look = (): Promise<unknown> => {
      this.#pendingLook ??= this.#look().finally(() => {
        this.#pendingLook = null;
      });
      return this.#pendingLook;
    };
    const known = this.#known;
    new Gauge({
      name: `reachability_projection_${name}`,
      help,
      labelNames: ['projection'],
      registers: [this.registry],
      async collect() {
        await look();
        this.reset();
        for (const [projection, status] of known) this.set({ projection }, valueOf(status));
      },
    });
  }

  /** Settles when all projections are read, or some of their stores take too long. */
  #look(): Promise<unknown> {
    const reads = this.sources.readModel.projections.map((projection) => this.#read(projection));
    return Promise.race([Promise.all(reads), delay(MAX_WAIT_MS, undefined, { ref: false })]);
  }

  /** Reads a status, unless an earlier read of it is still pending. Never rejects. */
  #read(projection: ObservedProjection): Promise<void> {
    const { name } = projection;
    const read =
      this.#reads.get(name) ?? this.#update(projection).finally(() => this.#reads.delete(name));
    this.#reads.set(name, read);
    return read;
  }

  /** A projection whose status cannot be read keeps its last one. The other metrics are still reported. */
  async #update(projection: ObservedProjection): Promise<void> {
    try {
      const status = await projection.status(this.sources.events, this.clock());
      this.#known.set(projection.name, { status, readAt: this.monotonic() });
    } catch (error) {
      logFailure(this.#logger, 'warn', 'Cannot read the status of a projection', error);
    }
  }
}
