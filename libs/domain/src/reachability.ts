/** What the log says of a User, as far as reachability goes. Positions are opaque strings in log order. */
export interface UserFacts {
  /** Position of the latest ConnectionOpened, null before the first. */
  readonly lastConnectPosition: string | null;
  readonly openConnections: number;
  readonly bindings: number;
}

/** What the log says of the Service's flag. `flagPosition`: of its latest change, null before the first. */
export interface ServiceFacts {
  readonly enabled: boolean;
  readonly flagPosition: string | null;
}

export type ReasonCode = 'disabled' | 'not_connected_since_enabled' | 'online' | 'offline';

/** The two facts every User carries, and why they are what they are. */
export interface Reachability {
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly reasonCode: ReasonCode;
}

/**
 * The null rules, in one comparison: null unless the Service is enabled and the User's latest connect stands
 * after the latest change of the flag. So toggling a Service of a million Users writes one row, and old values
 * never come back.
 */
export function reachabilityOf(user: UserFacts, service: ServiceFacts): Reachability {
  if (!service.enabled) return { isOnline: null, isNotifiable: null, reasonCode: 'disabled' };
  if ((user.lastConnectPosition ?? '') <= (service.flagPosition ?? '')) {
    return { isOnline: null, isNotifiable: null, reasonCode: 'not_connected_since_enabled' };
  }
  const isOnline = user.openConnections > 0;
  return {
    isOnline,
    isNotifiable: user.bindings > 0,
    reasonCode: isOnline ? 'online' : 'offline',
  };
}
