import type { DatabaseSync } from 'node:sqlite';
import type { OperationalStores } from '../../operational-state.ts';
import { SqliteApiKeySecretStore } from './api-keys/sqlite-api-key-secret-store.ts';
import { SqliteIdempotencyStore } from './sqlite-idempotency-store.ts';
import { SqliteProjectionJobStore } from './sqlite-projection-job-store.ts';
import { SqliteTtlStore } from './sqlite-ttl-store.ts';
import { SqliteWebhookEnqueuerStore } from './webhooks/sqlite-webhook-enqueuer-store.ts';
import { SqliteWebhookQueue } from './webhooks/sqlite-webhook-queue.ts';

export type StoreName = keyof OperationalStores;

type StoreClasses = {
  readonly [Name in StoreName]: {
    new (db: DatabaseSync): OperationalStores[Name];
    readonly prototype: OperationalStores[Name];
  };
};

/** The adapter of each store. */
export const STORE_CLASSES: StoreClasses = {
  apiKeySecrets: SqliteApiKeySecretStore,
  idempotency: SqliteIdempotencyStore,
  projectionJobs: SqliteProjectionJobStore,
  ttls: SqliteTtlStore,
  webhookEnqueuerStore: SqliteWebhookEnqueuerStore,
  webhookQueue: SqliteWebhookQueue,
};

/** Returns all stores, each as `open` returns it. */
export function openEach(
  open: <Name extends StoreName>(name: Name) => OperationalStores[Name],
): OperationalStores {
  return {
    apiKeySecrets: open('apiKeySecrets'),
    idempotency: open('idempotency'),
    projectionJobs: open('projectionJobs'),
    ttls: open('ttls'),
    webhookEnqueuerStore: open('webhookEnqueuerStore'),
    webhookQueue: open('webhookQueue'),
  };
}
