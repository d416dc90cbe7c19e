import { reachabilityOf, type Reachability } from '#domain';
import type { ServiceFact, UserFact } from './timeline-state.ts';

/** The part of a User that determines its value. */
type ValueUser = Pick<
  UserFact,
  'exists' | 'lastConnectPosition' | 'openConnections' | 'bindingCount'
>;

/** The part of a Service that determines values. */
type ValueService = Pick<ServiceFact, 'deleted' | 'reachabilityEnabled' | 'flagPosition'>;

/** The value of a User by the null rules; null when the User or its Service does not exist. */
export function valueAt(user: ValueUser, service: ValueService | null): Reachability | null {
  if (!user.exists || service === null || service.deleted) return null;
  const { lastConnectPosition, openConnections, bindingCount: bindings } = user;
  const { reachabilityEnabled: enabled, flagPosition } = service;
  return reachabilityOf(
    { lastConnectPosition, openConnections, bindings },
    { enabled, flagPosition },
  );
}
