export * from './lease-store.ts';
export * from './ttl-store.ts';
export * from './webhooks/webhook-delivery.ts';
export * from './webhooks/webhook-intake.ts';
export * from './webhooks/webhook-queue.ts';
