export * from './database.ts';
export * from './errors.ts';
export * from './migrations.ts';
export * from './notifications.ts';
