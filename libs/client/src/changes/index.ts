export { ReachabilityError, type ReachabilityErrorCode } from '../errors.ts';
export { changes } from './changes.ts';
export type {
  FeedEvent,
  FeedStarted,
  ResyncNeeded,
  ServiceChanged,
  UserChanged,
  UserGone,
} from './feed-event.ts';
export type { ChangesOptions } from './feed-request.ts';
