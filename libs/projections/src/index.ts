export * from './batches.ts';
export * from './checkpoint.ts';
export * from './fold-batch.ts';
export * from './projection-runner.ts';
export * from './projection-store.ts';
export * from './projection.ts';
