import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { randomUUID } from 'node:crypto';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import type { UserReachability } from '../watching/reachability.ts';
import { eventIdOfVersion } from './event-id.ts';
import { encodeMessage } from './frame.ts';
import { mapItemLink } from './links.ts';
import { userMapSid } from './map-sids.ts';
import type { UserItems } from './user-map.ts';

/** One item of a User's map, changed. */
export interface ItemChange {
  readonly userSid: string;
  readonly items: Partial<UserItems>;
  /** Grows with the log. An SDK ignores an event that is not newer than the last one of the item. */
  readonly eventId: number;
}

/** Outcome of one request to subscribe or unsubscribe. */
export interface SubscriptionOutcome {
  readonly mapSid: string;
  readonly lastEventId?: number;
  /** Why it failed; absent if it did not. */
  readonly error?: { readonly status: number; readonly code: number; readonly message: string };
}

type SubscriptionEvent =
  'subscription_established' | 'subscription_canceled' | 'subscription_failed';

/** Message types: of changes as they happen, and of answers to subscriptions. */
const LIVE = 'com.twilio.rtd.cds.map';
const REPLAY = 'twilio.sync.event';

const RECENT_CHANGES = 1_000;

/** Encodes notifications of Sync as messages. Each change is encoded once for all clients that it is sent to. */
@Injectable()
export class SyncNotifications {
  #lastFacts: UserReachability | null = null;
  #last: Buffer = Buffer.alloc(0);
  readonly #recent = new LRUCache<string, Buffer>({ max: RECENT_CHANGES });

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Returns the notification of a User's reachability. All watchers pass the same facts, one after another. */
  reachability(facts: UserReachability): Buffer {
    if (facts !== this.#lastFacts) {
      const { sid: userSid, isOnline: online, isNotifiable: notifiable, version } = facts;
      const items = { reachability: { online, notifiable } };
      this.#last = this.live({ userSid, items, eventId: eventIdOfVersion(version) });
      this.#lastFacts = facts;
    }
    return this.#last;
  }

  /** Returns the notification of a change as it happens. */
  live(change: ItemChange): Buffer {
    const key = `${change.userSid}/${Object.keys(change.items).join()}/${change.eventId}`;
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const frame = notification(LIVE, this.#updates([change]));
    this.#recent.set(key, frame);
    return frame;
  }

  /** Returns the changes that a client has missed, to send before its subscription is established. */
  replay(changes: readonly ItemChange[]): Buffer {
    return notification(REPLAY, this.#updates(changes));
  }

  subscription(
    type: SubscriptionEvent,
    correlationId: unknown,
    outcomes: readonly SubscriptionOutcome[],
  ): Buffer {
    return notification(REPLAY, {
      event_type: type,
      event_protocol_version: 4,
      correlation_id: correlationId,
      events: outcomes.map(({ mapSid, lastEventId, error }) => ({
        object_sid: mapSid,
        object_type: 'map',
        ...(lastEventId === undefined
          ? {}
          : { replay_status: 'completed', last_event_id: lastEventId }),
        ...(error === undefined ? {} : { error }),
      })),
    });
  }

  #updates(changes: readonly ItemChange[]): object {
    const now = this.clock().toISOString();
    return {
      event_type: 'map_item_updated',
      event_protocol_version: 4,
      events: changes.flatMap(({ userSid, items, eventId }) => {
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
      }),
    };
  }
}

function notification(type: string, payload: object): Buffer {
  const header = { method: 'notification', id: `TM${randomUUID()}`, message_type: type };
  return encodeMessage(header, payload);
}
