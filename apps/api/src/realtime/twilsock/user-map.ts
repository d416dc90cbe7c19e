import { answerFor, type UserInService } from '#read-model';
import { eventIdOf } from './event-id.ts';
import { mapItemLink, mapItemsLink, mapLink } from './links.ts';
import { userMapSid } from './map-sids.ts';

/** What an SDK knows of a User, item by item. All three are there from the start, so each change is an update. */
export interface UserItems {
  readonly attributes: { readonly value: string };
  readonly friendlyName: { readonly value: string | null };
  readonly reachability: {
    readonly online: boolean | null;
    readonly notifiable: boolean | null;
  };
}

const KEYS = ['attributes', 'friendlyName', 'reachability'] as const satisfies (keyof UserItems)[];

/** The map of a User as Sync shows it, with all of its items. */
export function userMapJson(found: UserInService) {
  const { user } = found;
  const mapSid = userMapSid(user.sid);
  const { position } = answerFor(user, found.service);
  const id = eventIdOf(position);
  const dates = { date_created: user.createdAt, date_updated: user.updatedAt, date_expires: null };
  const data = itemsOf(found);
  const items = KEYS.map((key) => ({
    key,
    url: mapItemLink(mapSid, key),
    // Later than the item's own last change, maybe, but not later than what is shown.
    last_event_id: id,
    revision: String(id),
    data: data[key],
    ...dates,
  }));
  return { ...mapJson(mapSid, id), ...dates, items };
}

/** A map that nothing will ever be in. */
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
