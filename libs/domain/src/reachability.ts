/** Facts about a User that decide its reachability. Positions are opaque strings that sort in log order. */
export interface ReachabilityInputs {
  /** Position of the latest ConnectionOpened; null before the first. */
  readonly lastConnectPosition: string | null;
  readonly openConnections: number;
  readonly bindings: number;
}

/** The Service's reachability flag. */
export interface FlagInputs {
  readonly enabled: boolean;
  /** Position of the latest change of the flag; null before the first. */
  readonly flagPosition: string | null;
}

export type ReasonCode = 'disabled' | 'not_connected_since_enabled' | 'online' | 'offline';

/** Both answers about a User, and the reason for them. */
export interface Reachability {
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly reasonCode: ReasonCode;
}

/**
 * Returns the reachability of a User. It is null unless the Service is enabled and the User connected after the latest
 * change of the flag. So toggling a Service with a million Users writes one row, and old values never come back.
 */
export function reachabilityOf(user: ReachabilityInputs, service: FlagInputs): Reachability {
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

/**
 * Whether two answers about a User are the same; null where there is no such User. The reason counts, too: both values can
 * stay null for another reason.
 */
export function isSameReachability(a: Reachability | null, b: Reachability | null): boolean {
  return a?.reasonCode === b?.reasonCode && a?.isNotifiable === b?.isNotifiable;
}
