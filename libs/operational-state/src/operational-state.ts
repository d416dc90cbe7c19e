import type { ApiKeySecretStore } from './api-keys/api-key-secret-store.ts';
import type { IdempotencyStore } from './idempotency-store.ts';
import type { ProjectionJobStore } from './jobs/projection-job-store.ts';
import type { TtlStore } from './ttl-store.ts';
import type { WebhookEnqueuerStore } from './webhooks/webhook-enqueuer-store.ts';
import type { WebhookQueue } from './webhooks/webhook-queue.ts';

/**
 * The stores of operational state. Each has only asynchronous methods, and everything that they take and return can be
 * copied between threads.
 */
export interface OperationalStores {
  readonly apiKeySecrets: ApiKeySecretStore;
  readonly idempotency: IdempotencyStore;
  readonly projectionJobs: ProjectionJobStore;
  readonly ttls: TtlStore;
  readonly webhookEnqueuerStore: WebhookEnqueuerStore;
  readonly webhookQueue: WebhookQueue;
}

/** Returns milliseconds since the epoch by a clock that all processes share: deadlines compare across machines. */
export type SharedClock = () => Promise<number>;

/** Open operational state. Losing it loses no event. */
export interface OperationalState extends OperationalStores {
  /** Every time that is stored here is a time of this clock. */
  readonly now: SharedClock;
  close(): void | Promise<void>;
}
