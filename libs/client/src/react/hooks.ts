import { useMemo, useSyncExternalStore } from 'react';
import type { ReachabilityConnection } from './connection.ts';
import { CONNECTING } from './connection.ts';
import { PresenceView, type Presences } from './presence-view.ts';
import { usePresenceStore } from './provider.ts';
import { unknownPresence, type UserPresence } from './user-presence.ts';

const NOBODY: readonly string[] = [];

/**
 * Returns what is known about Users, live, by the names given, and renders again only when one of them changes.
 * Subscribes while the component is mounted; all components that mount together share one request.
 *
 * @param names identities or sids, in a new array at each render if need be
 */
export function useReachability(names: readonly string[]): Presences {
  const { users } = usePresenceStore();
  const key = JSON.stringify([...new Set(names)]);
  const view = useMemo(() => new PresenceView(users, parseNames(key)), [users, key]);
  return useSyncExternalStore(view.subscribe, view.snapshot, view.serverSnapshot);
}

/**
 * Returns what is known about one User, live. See {@link useReachability}.
 *
 * @param name identity or sid; null or undefined while the application does not know it, and then nobody is watched
 */
export function useUser(name: string | null | undefined): UserPresence {
  const presences = useReachability(typeof name === 'string' ? [name] : NOBODY);
  return presences.get(name ?? '') ?? unknownPresence(name ?? '', 'loading');
}

/** Returns the client of the provider and the state of its connection, live. */
export function useReachabilityConnection(): ReachabilityConnection {
  const { onConnection, connection } = usePresenceStore();
  return useSyncExternalStore(onConnection, connection, () => CONNECTING);
}

function parseNames(key: string): string[] {
  const names: unknown = JSON.parse(key);
  return Array.isArray(names) ? names.map(String) : [];
}
