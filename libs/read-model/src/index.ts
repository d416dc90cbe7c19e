export * from './users/answer.ts';
export * from './users/evolve-service.ts';
export * from './users/evolve-user.ts';
export * from './users/user-summary.ts';
export * from './users/users-projection.ts';
export * from './users/users-read-model.ts';
export * from './users/users-state.ts';
export * from './users/version.ts';
