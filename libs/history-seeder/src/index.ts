export {
  DEFAULT_EVENTS_PER_USER,
  DEFAULT_USERS,
  seedHistory,
  type SeedOptions,
} from './seed-history.ts';
export { seedStore, type SeedSummary } from './seed-store.ts';
