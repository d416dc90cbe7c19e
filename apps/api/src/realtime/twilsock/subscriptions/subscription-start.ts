import type { UserReachability } from '../../watching/reachability.ts';
import type { EventIds } from './event-ids.ts';
import { userMapSid } from '../map-sids.ts';
import type { Profile } from './profiles.ts';
import type { ItemChange, SubscriptionOutcome } from './sync-notifications.ts';
import type { UserItems } from '../user-map.ts';

export const NO_ANSWER: UserItems['reachability'] = { online: null, notifiable: null };
export const NOT_FOUND = { status: 404, code: 54300, message: 'Map not found' };

/** Start of a subscription to a User: changes that are new to the client, and the outcome of the subscription. */
export interface SubscriptionStart {
  /** In log order. */
  readonly changes: readonly ItemChange[];
  readonly outcome: SubscriptionOutcome;
}

/**
 * Returns the start of a subscription to a User.
 *
 * @param lastEventId the last event of the User that the client knows; 0 for none
 */
export function buildStart(
  { facts, profile }: { readonly facts: UserReachability; readonly profile: Profile },
  lastEventId: number,
  eventIds: EventIds,
): SubscriptionStart {
  const { sid: userSid, isOnline: online, isNotifiable: notifiable, version } = facts;
  const { attributes, friendlyName, position } = profile;
  const items: readonly ItemChange[] = [
    { userSid, items: { attributes, friendlyName }, eventId: eventIds.of(position) },
    {
      userSid,
      items: { reachability: { online, notifiable } },
      eventId: eventIds.ofVersion(version),
    },
  ];
  const changes = items
    .filter(({ eventId }) => eventId > lastEventId)
    .sort((a, b) => a.eventId - b.eventId);
  const lastId = Math.max(lastEventId, ...items.map(({ eventId }) => eventId));
  return { changes, outcome: { objectSid: userMapSid(userSid), lastEventId: lastId } };
}

/** Returns the start of a subscription to a User that does not exist. */
export function buildStartOfMissingUser(userSid: string, lastEventId: number): SubscriptionStart {
  // The position of the deletion is not known. The client last saw the User at `lastEventId`, so this id is newer.
  const eventId = lastEventId + 1;
  const changes =
    lastEventId === 0 ? [] : [{ userSid, items: { reachability: NO_ANSWER }, eventId }];
  return { changes, outcome: { objectSid: userMapSid(userSid), error: NOT_FOUND } };
}
