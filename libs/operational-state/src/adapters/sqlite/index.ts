import { openLazilySynced } from '#event-store/adapters/sqlite/open-lazily-synced';
import { SqliteTtlStore } from './sqlite-ttl-store.ts';
import { SqliteWebhookIntake } from './webhooks/sqlite-webhook-intake.ts';
import { SqliteWebhookQueue } from './webhooks/sqlite-webhook-queue.ts';
import type { TtlStore } from '../../ttl-store.ts';
import type { WebhookIntake } from '../../webhooks/webhook-intake.ts';
import type { WebhookQueue } from '../../webhooks/webhook-queue.ts';

/** Operational state in one SQLite file. Losing it loses no fact. */
export interface OperationalState {
  readonly ttls: TtlStore;
  readonly webhookIntake: WebhookIntake;
  readonly webhookQueue: WebhookQueue;
  close(): void;
}

/** @throws Error naming the file, when it cannot be opened or is no database */
export function openSqliteOperationalState(path: string): OperationalState {
  const db = openLazilySynced(path);
  const ttls = new SqliteTtlStore(db);
  const webhookIntake = new SqliteWebhookIntake(db);
  const webhookQueue = new SqliteWebhookQueue(db);
  return {
    ttls,
    webhookIntake,
    webhookQueue,
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}
