import { reachabilityOf, type Reachability } from '#domain';
import { latest, type Position } from '#event-store';
import { latestTime } from './evolve-user.ts';
import { summarize, type UserSummary } from './user-summary.ts';
import type { ServiceRow, UsersState } from './users-state.ts';

/** The answer about one User, the same in every interface. */
export interface ReachabilityAnswer extends Reachability {
  /** ISO 8601: since when `reasonCode` holds; never before the User was created. */
  readonly since: string;
  /** ISO 8601: when the User was last known online; null without an answer or while online. */
  readonly lastOnline: string | null;
  readonly openConnections: number;
  /** Position of the latest change of the User or of the Service's flag. */
  readonly position: Position;
}

/** The part of a User that determines its answer. */
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

/** The part of a Service that determines answers. */
export type AnswerService = Pick<
  ServiceRow,
  'reachabilityEnabled' | 'flagPosition' | 'flagChangedAt'
>;

/** The answer about a User, derived from its row and its Service's. */
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
    since: causes.reduce(latestTime, user.createdAt),
    lastOnline: reachability.isOnline === false ? user.lastOnlineAt : null,
    openConnections: user.openConnections,
    position: latest(user.changedPosition, service.flagPosition) ?? user.changedPosition,
  };
}

/** The answer about a User, derived from two states of the fold; null where the Service or its User does not exist. */
export function answerOf(
  user: UsersState | null,
  service: UsersState | null,
): ReachabilityAnswer | null {
  if (user?.kind !== 'user' || service?.kind !== 'service') return null;
  if (user.serviceSid !== service.sid || service.deleted) return null;
  return answerFor(summarize(user), service);
}

/**
 * The version of an answer, the same in every interface: `<epoch>:<position>`. The epoch names the event store;
 * within an epoch, versions compare as strings.
 */
export function formatVersion(epoch: string, position: Position): string {
  return `${epoch}:${position}`;
}
