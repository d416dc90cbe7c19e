import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import { DELIVERY_STATUSES, type WebhookQueue } from '#operational-state';
import { METRICS, STORES } from '../platform/injection-tokens.ts';

/** Counts webhook deliveries by status, each time that the metrics are read. */
@Injectable()
export class WebhookMetrics {
  constructor(
    @Inject(METRICS) registry: Registry,
    @Inject(STORES)
    {
      operations,
    }: { readonly operations: { readonly webhookQueue: Pick<WebhookQueue, 'counts'> } },
  ) {
    const { webhookQueue } = operations;
    new Gauge({
      name: 'reachability_webhook_deliveries',
      help: 'Webhook deliveries in the queue and the delivery log, by status',
      labelNames: ['status'],
      registers: [registry],
      async collect() {
        const services = await webhookQueue.counts();
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
