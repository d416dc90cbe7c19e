import { Inject, Injectable, Logger } from '@nestjs/common';
import { Counter, type Registry } from 'prom-client';
import { METRICS } from '../../platform/injection-tokens.ts';
import { LogFeed, type LogEvent } from './log-feed.ts';

/** Milliseconds between two warnings: a node whose clock is wrong marks every event that it writes. */
const WARNING_INTERVAL_MS = 60_000;

/** Warns of events whose writer's clock was too far ahead of the store's, and counts them. */
@Injectable()
export class ClockLeads {
  readonly #logger = new Logger(ClockLeads.name);
  readonly #events: Counter;
  #warnedAt = -Infinity;

  constructor(feed: LogFeed, @Inject(METRICS) registry: Registry) {
    this.#events = new Counter({
      name: 'reachability_clock_lead_events_total',
      help: "Events whose writer's clock was ahead of the event store's by more than CLOCK_LEAD_SECONDS",
      registers: [registry],
    });
    feed.onEvent((event) => this.#onEvent(event));
  }

  #onEvent({ stream, revision, metadata }: LogEvent): void {
    const { occurredAt, recordedAt, actor } = metadata;
    if (recordedAt === undefined) return;
    this.#events.inc();
    const now = performance.now();
    if (now - this.#warnedAt < WARNING_INTERVAL_MS) return;
    this.#warnedAt = now;
    this.#logger.warn(
      `A clock is ahead: event ${stream}@${revision} of ${actor} occurred at ${occurredAt} by its writer's clock. ` +
        `It counts as of ${recordedAt}, by the event store's clock`,
    );
  }
}
