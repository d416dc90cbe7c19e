import { Inject, Injectable, Logger } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import { DELIVERY_STATUSES, type SharedClock, type WebhookQueue } from '#operational-state';
import { METRICS, SHARED_CLOCK, STORES } from '../platform/injection-tokens.ts';
import { logFailure } from '../platform/log-failure.ts';

/**
 * Counts webhook deliveries by status, each time that the metrics are read. While they cannot be counted, the other
 * metrics are still reported.
 */
@Injectable()
export class WebhookMetrics {
  readonly #logger = new Logger(WebhookMetrics.name);

  constructor(
    @Inject(METRICS) registry: Registry,
    @Inject(STORES)
    {
      operations,
    }: { readonly operations: { readonly webhookQueue: Pick<WebhookQueue, 'counts'> } },
    @Inject(SHARED_CLOCK) clock: SharedClock,
  ) {
    const { webhookQueue } = operations;
    const onError = (error: unknown): null => {
      logFailure(this.#logger, 'warn', 'Cannot count webhook deliveries', error);
      return null;
    };
    new Gauge({
      name: 'reachability_webhook_oldest_open_age_seconds',
      help: 'Age of the oldest webhook that is not delivered and not given up; 0 without one',
      registers: [registry],
      async collect() {
        const services = await webhookQueue.counts().catch(onError);
        if (services === null) return;
        const oldest = Math.min(...services.map(({ oldestOpenAt }) => oldestOpenAt ?? Infinity));
        this.set(oldest === Infinity ? 0 : Math.max(0, ((await clock()) - oldest) / 1_000));
      },
    });
    new Gauge({
      name: 'reachability_webhook_deliveries',
      help: 'Webhook deliveries in the queue and the delivery log, by status',
      labelNames: ['status'],
      registers: [registry],
      async collect() {
        this.reset();
        const services = await webhookQueue.counts().catch(onError);
        if (services === null) return;
        for (const status of DELIVERY_STATUSES) {
          this.set(
            { status },
            services.reduce((sum, counts) => sum + counts[status], 0),
          );
        }
      },
    });
  }
}
