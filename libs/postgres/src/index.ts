export * from './connection-url.ts';
export * from './database.ts';
export * from './errors.ts';
export * from './migrations.ts';
export * from './notifications.ts';
export * from './privileges.ts';
export type { TransactionKind, TransactionSettings } from './transaction-start.ts';
