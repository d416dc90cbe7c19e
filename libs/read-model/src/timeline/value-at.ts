import { reachabilityOf, type Reachability } from '#domain';
import type { ServiceFact, UserFact } from './timeline-state.ts';

/** What of a User its value rests on. */
export type ValueUser = Pick<
  UserFact,
  'exists' | 'lastConnectPosition' | 'openConnections' | 'bindingCount'
>;

/** What of its Service. */
export type ValueService = Pick<ServiceFact, 'deleted' | 'reachabilityEnabled' | 'flagPosition'>;

/** The value of a User by the null rules; null where there is nobody to answer for. */
export function valueAt(user: ValueUser, service: ValueService | null): Reachability | null {
  if (!user.exists || service === null || service.deleted) return null;
  const { lastConnectPosition, openConnections, bindingCount: bindings } = user;
  const { reachabilityEnabled: enabled, flagPosition } = service;
  return reachabilityOf(
    { lastConnectPosition, openConnections, bindings },
    { enabled, flagPosition },
  );
}

/** The reason counts too: there is no answer for one reason, then for another. */
export function isSameValue(a: Reachability | null, b: Reachability | null): boolean {
  return a?.reasonCode === b?.reasonCode && a?.isNotifiable === b?.isNotifiable;
}
