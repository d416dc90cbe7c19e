import type { UserFact } from './timeline-state.ts';

/** When the client of a User that is offline was last seen, if its close was recorded later; otherwise null. */
export function lastSeenBeforeClose({ lastOnlineAt, onlineChangedAt }: UserFact): string | null {
  return lastOnlineAt !== null && lastOnlineAt < (onlineChangedAt ?? '') ? lastOnlineAt : null;
}
