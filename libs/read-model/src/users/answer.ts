import { reachabilityOf, type Reachability } from '#domain';
import { latest, type Position } from '#event-store';
import { later } from './later.ts';
import type { UserSummary } from './user-summary.ts';
import type { ServiceRow } from './users-state.ts';

/** The answer about one User, as every door of the service gives it. */
export interface ReachabilityAnswer extends Reachability {
  /** ISO 8601: when `reasonCode` came to hold; never before the User was there. */
  readonly since: string;
  /** ISO 8601: last moment known online, null where there is no answer or the User is online. */
  readonly lastOnline: string | null;
  readonly openConnections: number;
  /** Place of the latest change that this answer takes in, of the User or of the Service's flag. */
  readonly position: Position;
}

/** What of a User the answer about it rests on. */
export type AnswerUser = Pick<
  UserSummary,
  | 'createdAt'
  | 'changedPosition'
  | 'lastConnectPosition'
  | 'answeredSince'
  | 'onlineChangedAt'
  | 'lastOnlineAt'
  | 'openConnections'
  | 'bindingCount'
>;

/** What of its Service. */
export type AnswerService = Pick<
  ServiceRow,
  'reachabilityEnabled' | 'flagPosition' | 'flagChangedAt'
>;

/** Derives the answer about a User from its row and its Service's. */
export function answerFor(user: AnswerUser, service: AnswerService): ReachabilityAnswer {
  const reachability = reachabilityOf(
    {
      lastConnectPosition: user.lastConnectPosition,
      openConnections: user.openConnections,
      bindings: user.bindingCount,
    },
    { enabled: service.reachabilityEnabled, flagPosition: service.flagPosition },
  );
  const causes =
    reachability.isOnline === null
      ? [service.flagChangedAt]
      : [user.answeredSince, user.onlineChangedAt];
  return {
    ...reachability,
    since: causes.reduce(later, user.createdAt),
    lastOnline: reachability.isOnline === false ? user.lastOnlineAt : null,
    openConnections: user.openConnections,
    position: latest(user.changedPosition, service.flagPosition) ?? user.changedPosition,
  };
}
