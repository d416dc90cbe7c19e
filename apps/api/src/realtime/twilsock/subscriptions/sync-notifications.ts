import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { randomUUID } from 'node:crypto';
import { CLOCK, type Clock } from '../../../platform/injection-tokens.ts';
import type { UserReachability } from '../../watching/reachability.ts';
import { EventIds } from './event-ids.ts';
import { encodeMessage } from '../frame.ts';
import { listItemLink, mapItemLink } from '../links.ts';
import { userMapSid } from '../map-sids.ts';
import type { UserItems } from '../user-map.ts';

/**
 * Format of notifications, as a client asks for it: in 4, a notification carries a list of events; in 3, which SDKs of
 * before 2021 and the browser bundle of `twilio-chat` 6 speak, exactly one. A client that gets the other format throws.
 */
export type EventProtocol = 3 | 4;

/** Items of a User's map, changed by one event. */
export interface ItemChange {
  readonly userSid: string;
  readonly items: Partial<UserItems>;
  /** Grows with the log. An SDK ignores an event that is not newer than the last one of the item. */
  readonly eventId: number;
}

/** Outcome of one request to subscribe or unsubscribe. */
export interface SubscriptionOutcome {
  /** Sid of a map or a list. */
  readonly objectSid: string;
  readonly lastEventId?: number;
  /** Why it failed; absent if it did not. */
  readonly error?: { readonly status: number; readonly code: number; readonly message: string };
}

type SubscriptionEvent =
  'subscription_established' | 'subscription_canceled' | 'subscription_failed';

/** Message types: of changes of maps as they happen, of answers to subscriptions, and of changes of lists. */
const LIVE = 'com.twilio.rtd.cds.map';
const REPLAY = 'twilio.sync.event';
const LIVE_LIST = 'com.twilio.rtd.cds.list';

const RECENT_CHANGES = 1_000;

/** A change as it happens, encoded. */
export interface LiveNotification {
  /** Keys of the changed items: a later notification of the same ones replaces this one. */
  readonly item: string;
  readonly frame: Buffer;
}

/**
 * Encodes notifications of Sync as messages. Each change is encoded once for all clients of a protocol that it is sent
 * to.
 */
@Injectable()
export class SyncNotifications {
  #lastFacts: UserReachability | null = null;
  readonly #last = new Map<EventProtocol, readonly LiveNotification[]>();
  readonly #recent = new LRUCache<string, readonly LiveNotification[]>({ max: RECENT_CHANGES });

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly eventIds: EventIds,
  ) {}

  /** Returns the notification of a User's reachability. All watchers pass the same facts, one after another. */
  reachability(facts: UserReachability, protocol: EventProtocol): readonly LiveNotification[] {
    if (facts !== this.#lastFacts) this.#last.clear();
    this.#lastFacts = facts;
    const known = this.#last.get(protocol);
    if (known !== undefined) return known;
    const { sid: userSid, isOnline: online, isNotifiable: notifiable, version } = facts;
    const items = { reachability: { online, notifiable } };
    const encoded = this.live(
      { userSid, items, eventId: this.eventIds.ofVersion(version) },
      protocol,
    );
    this.#last.set(protocol, encoded);
    return encoded;
  }

  /** Returns the notifications of a change as it happens. */
  live(change: ItemChange, protocol: EventProtocol): readonly LiveNotification[] {
    const item = Object.keys(change.items).join();
    const key = `${protocol}/${change.userSid}/${item}/${change.eventId}`;
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const encoded = this.once(change, protocol);
    this.#recent.set(key, encoded);
    return encoded;
  }

  /** Returns the notifications of a change for one client. Others may get other items with the same event id. */
  once(change: ItemChange, protocol: EventProtocol): readonly LiveNotification[] {
    return (protocol === 3 ? singleItems(change) : [change]).flatMap((one) =>
      this.#updates(LIVE, [one], protocol).map((frame) => ({
        item: Object.keys(one.items).join(),
        frame,
      })),
    );
  }

  /** Returns the changes that a client has missed, to send before its subscription is established. */
  replay(changes: readonly ItemChange[], protocol: EventProtocol): readonly Buffer[] {
    return changes.length === 0 ? [] : this.#updates(REPLAY, changes, protocol);
  }

  /** Returns the outcomes of requests to subscribe or unsubscribe. */
  subscription(
    type: SubscriptionEvent,
    correlationId: unknown,
    outcomes: readonly SubscriptionOutcome[],
    protocol: EventProtocol,
  ): readonly Buffer[] {
    const events = outcomes.map(({ objectSid, lastEventId, error }) => ({
      object_sid: objectSid,
      object_type: objectSid.startsWith('ES') ? 'list' : 'map',
      ...(lastEventId === undefined
        ? {}
        : { replay_status: 'completed', last_event_id: lastEventId }),
      ...(error === undefined ? {} : { error }),
    }));
    const common = { event_type: type, correlation_id: correlationId };
    return events.length === 0 ? [] : notifications(REPLAY, common, events, protocol);
  }

  /** Returns the context of a list. */
  listContext(
    change: { readonly listSid: string; readonly context: object; readonly eventId: number },
    protocol: EventProtocol,
  ): readonly Buffer[] {
    const event = { ...this.#listEvent(change), context_data: change.context };
    return notifications(LIVE_LIST, { event_type: 'list_context_updated' }, [event], protocol);
  }

  /** Returns the update of an item of a list. */
  listItem(
    change: {
      readonly listSid: string;
      readonly index: number;
      readonly data: object;
      readonly eventId: number;
    },
    protocol: EventProtocol,
  ): readonly Buffer[] {
    const { listSid, index, data, eventId } = change;
    const event = {
      ...this.#listEvent(change),
      item_index: index,
      item_url: listItemLink(listSid, index),
      item_revision: String(eventId),
      item_data: data,
    };
    return notifications(LIVE_LIST, { event_type: 'list_item_updated' }, [event], protocol);
  }

  #listEvent({ listSid, eventId }: { readonly listSid: string; readonly eventId: number }) {
    return {
      id: eventId,
      list_sid: listSid,
      list_revision: String(eventId),
      date_created: this.clock().toISOString(),
    };
  }

  #updates(type: string, changes: readonly ItemChange[], protocol: EventProtocol): Buffer[] {
    const now = this.clock().toISOString();
    const events = changes.flatMap(({ userSid, items, eventId }) => {
      const mapSid = userMapSid(userSid);
      return Object.entries(items).map(([key, data]) => ({
        id: eventId,
        map_sid: mapSid,
        map_revision: String(eventId),
        date_created: now,
        date_expires: null,
        item_key: key,
        item_url: mapItemLink(mapSid, key),
        item_revision: String(eventId),
        item_data: data,
      }));
    });
    return notifications(type, { event_type: 'map_item_updated' }, events, protocol);
  }
}

/** Returns one change for each changed item, in the order of the items. */
function singleItems({ items, ...common }: ItemChange): ItemChange[] {
  return Object.entries(items).map(([key, data]) => ({ ...common, items: { [key]: data } }));
}

function notifications(
  type: string,
  common: object,
  events: readonly object[],
  protocol: EventProtocol,
): Buffer[] {
  const payloads = protocol === 3 ? events.map((event) => ({ event })) : [{ events }];
  return payloads.map((payload) =>
    encodeMessage(
      { method: 'notification', id: `TM${randomUUID()}`, message_type: type },
      { ...common, event_protocol_version: protocol, ...payload },
    ),
  );
}
