import { lastSeenBeforeClose } from '../../../timeline/last-seen.ts';
import type { PastUser } from '../../../timeline/timeline-read-model.ts';
import type { TimelineUser, UserFact } from '../../../timeline/timeline-state.ts';
import { valueAt } from '../../../timeline/value-at.ts';
import type { Facts } from './facts.ts';

/**
 * The User as of a time.
 *
 * @param at ISO 8601, UTC with milliseconds
 */
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
        ? lastSeenBeforeGoing(facts, head, user, at)
        : lastSeenBeforeClose(user);
  return { user: { ...user, sid, serviceSid, identity }, service, lastSeenAt };
}

/** For a User that was online at a time: when its last client was last seen, if not after that time. */
function lastSeenBeforeGoing(
  facts: Facts,
  head: TimelineUser,
  { position }: UserFact,
  at: string,
): string | null {
  for (const { openConnections, cause } of facts.valueChangesAfter(head, position)) {
    if (openConnections > 0) continue;
    return cause.lastSeenAt !== null && cause.lastSeenAt <= at ? cause.lastSeenAt : null;
  }
  return null;
}
