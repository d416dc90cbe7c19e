import type { Database } from '#postgres';
import type { OperationalState } from '../../operational-state.ts';
import { databaseClock } from './database-clock.ts';
import { PostgresApiKeySecretStore } from './postgres-api-key-secret-store.ts';
import { PostgresIdempotencyStore } from './postgres-idempotency-store.ts';
import { PostgresProjectionJobStore } from './postgres-projection-job-store.ts';
import { PostgresTtlStore } from './postgres-ttl-store.ts';
import { PostgresWebhookEnqueuerStore } from './webhooks/postgres-webhook-enqueuer-store.ts';
import { PostgresWebhookQueue } from './webhooks/postgres-webhook-queue.ts';

export { JOBS_TOPIC } from './postgres-projection-job-store.ts';
export { PostgresNodeLeases } from './postgres-node-leases.ts';
export { QUEUED_TOPIC } from './webhooks/queue-lock.ts';

/** Returns operational state in a database that was migrated. */
export function postgresOperationalState(database: Database): Omit<OperationalState, 'close'> {
  return {
    now: databaseClock(database),
    apiKeySecrets: new PostgresApiKeySecretStore(database),
    idempotency: new PostgresIdempotencyStore(database),
    projectionJobs: new PostgresProjectionJobStore(database),
    ttls: new PostgresTtlStore(database),
    webhookEnqueuerStore: new PostgresWebhookEnqueuerStore(database),
    webhookQueue: new PostgresWebhookQueue(database),
  };
}
