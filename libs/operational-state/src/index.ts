export * from './errors.ts';
export * from './idempotency-store.ts';
export * from './lease-store.ts';
export * from './operational-state.ts';
export * from './ttl-store.ts';
export * from './webhooks/webhook-delivery.ts';
export * from './webhooks/webhook-enqueuer-store.ts';
export * from './webhooks/webhook-queue.ts';
