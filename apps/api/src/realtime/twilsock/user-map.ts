import { answerFor, type UserInService } from '#read-model';
import type { EventIds } from './subscriptions/event-ids.ts';
import { mapItemLink, mapItemsLink, mapLink } from './links.ts';
import { userMapSid } from './map-sids.ts';

/** Items of a User's map. A map has all three from the start, so each change is an update. */
export interface UserItems {
  readonly attributes: { readonly value: string };
  readonly friendlyName: { readonly value: string | null };
  readonly reachability: {
    readonly online: boolean | null;
    readonly notifiable: boolean | null;
  };
}

const KEYS = ['attributes', 'friendlyName', 'reachability'] as const satisfies (keyof UserItems)[];

/** Returns the Sync map of a User with all of its items. */
export function userMapJson(found: UserInService, eventIds: EventIds) {
  const { user } = found;
  const mapSid = userMapSid(user.sid);
  const { position } = answerFor(user, found.service);
  const id = eventIds.of(position);
  const dates = { date_created: user.createdAt, date_updated: user.updatedAt, date_expires: null };
  const data = itemsOf(found);
  const items = KEYS.map((key) => ({
    key,
    url: mapItemLink(mapSid, key),
    // May be newer than the item's own last change, but not newer than the data.
    last_event_id: id,
    revision: String(id),
    data: data[key],
    ...dates,
  }));
  return { ...mapJson(mapSid, id), ...dates, items };
}

/** Returns a map that is always empty. */
export function emptyMapJson(mapSid: string, createdAt: string) {
  const dates = { date_created: createdAt, date_updated: createdAt, date_expires: null };
  return { ...mapJson(mapSid, 0), ...dates, items: [] };
}

function itemsOf({ user, service }: UserInService): UserItems {
  const { isOnline: online, isNotifiable: notifiable } = answerFor(user, service);
  return {
    attributes: { value: user.attributes },
    friendlyName: { value: user.friendlyName },
    reachability: { online, notifiable },
  };
}

function mapJson(mapSid: string, lastEventId: number) {
  return {
    sid: mapSid,
    unique_name: null,
    url: mapLink(mapSid),
    links: { items: mapItemsLink(mapSid) },
    revision: String(lastEventId),
    last_event_id: lastEventId,
  };
}
