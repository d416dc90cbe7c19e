'use client';

export type { ReachabilityConnection } from './connection.ts';
export { useReachability, useReachabilityConnection, useUser } from './hooks.ts';
export { PresenceDot, type PresenceDotProps } from './presence-dot.ts';
export type { Presences } from './presence-view.ts';
export { ReachabilityProvider, type ReachabilityProviderProps } from './provider.ts';
export { presenceWord, type PresenceWord, type UserPresence } from './user-presence.ts';
