import type { UserFacts } from '../watching/user-facts.ts';
import { eventIdOf, eventIdOfVersion } from './event-id.ts';
import { userMapSid } from './map-sids.ts';
import type { Profile } from './profiles.ts';
import type { ItemChange, SubscriptionOutcome } from './sync-notifications.ts';
import type { UserItems } from './user-map.ts';

export const NO_ANSWER: UserItems['reachability'] = { online: null, notifiable: null };
export const NOT_FOUND = { status: 404, code: 54300, message: 'Map not found' };

/** Where a subscription to a User begins: what is new to the client, and what is said of the subscription itself. */
export interface ResumePoint {
  /** In the order of the log. */
  readonly changes: readonly ItemChange[];
  readonly outcome: SubscriptionOutcome;
}

/** @param lastEventId the last event of the User that the client knows; 0 where it knows none */
export function beginningWith(
  { facts, profile }: { readonly facts: UserFacts; readonly profile: Profile },
  lastEventId: number,
): ResumePoint {
  const { sid: userSid, isOnline: online, isNotifiable: notifiable, version } = facts;
  const { attributes, friendlyName, position } = profile;
  const items: readonly ItemChange[] = [
    { userSid, items: { attributes, friendlyName }, eventId: eventIdOf(position) },
    {
      userSid,
      items: { reachability: { online, notifiable } },
      eventId: eventIdOfVersion(version),
    },
  ];
  const changes = items
    .filter(({ eventId }) => eventId > lastEventId)
    .sort((a, b) => a.eventId - b.eventId);
  const lastId = Math.max(lastEventId, ...items.map(({ eventId }) => eventId));
  return { changes, outcome: { mapSid: userMapSid(userSid), lastEventId: lastId } };
}

/** As {@link beginningWith}, of a User that is not there. */
export function beginningWithout(userSid: string, lastEventId: number): ResumePoint {
  // Whoever knew the User last saw it at `lastEventId`: this comes after, at whatever place it was deleted.
  const eventId = lastEventId + 1;
  const changes =
    lastEventId === 0 ? [] : [{ userSid, items: { reachability: NO_ANSWER }, eventId }];
  return { changes, outcome: { mapSid: userMapSid(userSid), error: NOT_FOUND } };
}
