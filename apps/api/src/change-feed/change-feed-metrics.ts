import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { METRICS } from '../platform/injection-tokens.ts';

/** Metrics of the change feeds of this process. */
@Injectable()
export class ChangeFeedMetrics {
  readonly open: Gauge;
  /** Changes sent: one for each feed. */
  readonly events: Counter;
  /** Pages read by feeds that were too far behind for the tail that they share. */
  readonly replayedPages: Counter;
  readonly refused: Counter<'reason'>;

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    this.open = new Gauge({
      name: 'reachability_change_feeds',
      help: 'Open change feeds',
      registers,
    });
    this.events = new Counter({
      name: 'reachability_change_feed_events_total',
      help: 'Changes sent by change feeds: one for each feed',
      registers,
    });
    this.replayedPages = new Counter({
      name: 'reachability_change_feed_replayed_pages_total',
      help: 'Pages of changes read for one change feed alone, which was behind',
      registers,
    });
    this.refused = new Counter({
      name: 'reachability_change_feeds_refused_total',
      help: 'Change feeds refused, by reason',
      labelNames: ['reason'],
      registers,
    });
  }
}
