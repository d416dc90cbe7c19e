import { Inject, Injectable, Logger } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import { DELIVERY_STATUSES, type WebhookQueue } from '#operational-state';
import { METRICS, STORES } from '../platform/injection-tokens.ts';
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
  ) {
    const { webhookQueue } = operations;
    const onError = (error: unknown): null => {
      logFailure(this.#logger, 'warn', 'Cannot count webhook deliveries', error);
      return null;
    };
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
