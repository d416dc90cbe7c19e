import { reachabilityOf, type Reachability } from '#domain';
import { latest, type Position } from '#event-store';
import type { UserSummary } from './user-summary.ts';
import type { ServiceRow } from './users-state.ts';

/** The answer about one User, as every door of the service gives it. */
export interface ReachabilityAnswer extends Reachability {
  /** ISO 8601: since when this has been the answer. Null only before the flag was ever touched. */
  readonly since: string | null;
  /** ISO 8601: last moment known online, null where there is no answer or the User is online. */
  readonly lastOnline: string | null;
  readonly openConnections: number;
  /** Place of the latest change that this answer takes in, of the User or of the Service's flag. */
  readonly position: Position;
}

/** Derives the answer about a User from its row and its Service's. */
export function answerFor(user: UserSummary, service: ServiceRow): ReachabilityAnswer {
  const reachability = reachabilityOf(
    {
      lastConnectPosition: user.lastConnectPosition,
      openConnections: user.openConnections,
      bindings: user.bindingCount,
    },
    { enabled: service.reachabilityEnabled, flagPosition: service.flagPosition },
  );
  const known = reachability.isOnline !== null;
  return {
    ...reachability,
    since: known ? later(user.answeredSince, user.onlineChangedAt) : service.flagChangedAt,
    lastOnline: reachability.isOnline === false ? user.lastOnlineAt : null,
    openConnections: user.openConnections,
    position: latest(user.changedPosition, service.flagPosition) ?? user.changedPosition,
  };
}

function later(a: string | null, b: string | null): string | null {
  return (a ?? '') > (b ?? '') ? a : b;
}
