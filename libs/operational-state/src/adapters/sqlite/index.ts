import { openLazilySynced } from '#event-store/adapters/sqlite/open-lazily-synced';
import { SqliteIdempotencyStore } from './sqlite-idempotency-store.ts';
import { SqliteTtlStore } from './sqlite-ttl-store.ts';
import { SqliteWebhookEnqueuerStore } from './webhooks/sqlite-webhook-enqueuer-store.ts';
import { SqliteWebhookQueue } from './webhooks/sqlite-webhook-queue.ts';
import type { IdempotencyStore } from '../../idempotency-store.ts';
import type { TtlStore } from '../../ttl-store.ts';
import type { WebhookEnqueuerStore } from '../../webhooks/webhook-enqueuer-store.ts';
import type { WebhookQueue } from '../../webhooks/webhook-queue.ts';

/** Operational state in one SQLite file. Losing the file loses no event. */
export interface OperationalState {
  readonly idempotency: IdempotencyStore;
  readonly ttls: TtlStore;
  readonly webhookEnqueuerStore: WebhookEnqueuerStore;
  readonly webhookQueue: WebhookQueue;
  close(): void;
}

/**
 * Opens the file, or creates it.
 *
 * @throws Error with the path if the file cannot be opened or is not a database
 */
export function openSqliteOperationalState(path: string): OperationalState {
  const db = openLazilySynced(path);
  const idempotency = new SqliteIdempotencyStore(db);
  const ttls = new SqliteTtlStore(db);
  const webhookIntake = new SqliteWebhookEnqueuerStore(db);
  const webhookQueue = new SqliteWebhookQueue(db);
  return {
    idempotency,
    ttls,
    webhookEnqueuerStore: webhookIntake,
    webhookQueue,
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}
