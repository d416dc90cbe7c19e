import type { PastUser } from '../../../timeline/timeline-read-model.ts';
import type { TimelineUser, UserFact } from '../../../timeline/timeline-state.ts';
import { valueAt } from '../../../timeline/value-at.ts';
import type { Facts } from './facts.ts';

/** @param at ISO 8601, UTC with milliseconds */
export function readAsOf(facts: Facts, head: TimelineUser, at: string): PastUser | null {
  const user = facts.atTime(head, at);
  const service = facts.serviceAtTime(head.serviceSid, at);
  const value = user === null ? null : valueAt(user, service);
  if (user === null || service === null || value === null) return null;
  const { sid, serviceSid, identity } = head;
  const lastSeenAt =
    value.isOnline === null
      ? null
      : value.isOnline
        ? goneSince(facts, head, user, at)
        : seenBeforeClose(user);
  return { user: { ...user, sid, serviceSid, identity }, service, lastSeenAt };
}

/** Of a User that was online at a moment: when its last client was seen last, if that was not after the moment. */
function goneSince(
  facts: Facts,
  head: TimelineUser,
  { position }: UserFact,
  at: string,
): string | null {
  for (const { openConnections, cause } of facts.turnsAfter(head, position)) {
    if (openConnections > 0) continue;
    return cause.lastSeenAt !== null && cause.lastSeenAt <= at ? cause.lastSeenAt : null;
  }
  return null;
}

function seenBeforeClose({ lastOnlineAt, onlineChangedAt }: UserFact): string | null {
  return lastOnlineAt !== null && lastOnlineAt < (onlineChangedAt ?? '') ? lastOnlineAt : null;
}
