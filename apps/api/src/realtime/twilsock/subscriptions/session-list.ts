import { uuidV5 } from '#domain';
import type { ServiceReachability } from '../../watching/reachability.ts';
import type { EventIds } from './event-ids.ts';
import { clientLinks, listContextLink, listItemLink, listItemsLink, listLink } from '../links.ts';
import { conversationsMapSid, userMapSid } from '../map-sids.ts';
import type { NotificationQueue } from './notification-queue.ts';
import type { EventProtocol, SyncNotifications } from './sync-notifications.ts';

/** The User of a client. */
export interface SessionOwner {
  readonly serviceSid: string;
  readonly userSid: string;
  readonly identity: string;
}

/** Number of Users that an SDK stays subscribed to before it drops the first; Twilio's number. */
export const USERS_TO_SUBSCRIBE = 100;

/** Returns the sid of a User's session list. */
export function sessionListSid(userSid: string): string {
  return `ES${uuidV5(`${userSid}/session`).replaceAll('-', '')}`;
}

/**
 * Sync List that SDKs of before 2021 open as their session ("IpMsgSession"). Its context says what `Configuration` says
 * to later SDKs; its items are commands of the client, each updated with its outcome.
 */
export class SessionList {
  readonly sid: string;
  readonly #owner: SessionOwner;
  readonly #eventIds: EventIds;
  readonly #notifications: SyncNotifications;
  readonly #queue: Pick<NotificationQueue, 'send' | 'offer' | 'forget'>;
  #protocol: EventProtocol = 3;
  #isSubscribed = false;
  #lastIndex = 0;

  constructor(
    owner: SessionOwner,
    eventIds: EventIds,
    notifications: SyncNotifications,
    queue: Pick<NotificationQueue, 'send' | 'offer' | 'forget'>,
  ) {
    this.sid = sessionListSid(owner.userSid);
    this.#owner = owner;
    this.#eventIds = eventIds;
    this.#notifications = notifications;
    this.#queue = queue;
  }

  /** Sends all later notifications in this format. */
  useProtocol(protocol: EventProtocol): void {
    this.#protocol = protocol;
  }

  /** Subscribes: sends the present context, then each later one. Returns the id of the last event. */
  subscribe(service: ServiceReachability): number {
    this.#isSubscribed = true;
    this.#queue.forget(this.sid);
    for (const frame of this.#contextUpdate(service)) this.#queue.send(frame);
    return this.#contextEventId(service);
  }

  unsubscribe(): void {
    this.#isSubscribed = false;
    this.#queue.forget(this.sid);
  }

  serviceChanged(service: ServiceReachability): void {
    if (!this.#isSubscribed) return;
    for (const frame of this.#contextUpdate(service)) {
      this.#queue.offer(this.sid, 'context', frame);
    }
  }

  /**
   * Returns the item of a command, after the notification of its outcome.
   *
   * @param command as the client sent it
   * @param response the outcome, with an HTTP status
   */
  completeCommand(command: object, response: { readonly status: number }, now: Date) {
    // Indexes also grow from one socket to the next: an SDK ignores an index with an event that it knows.
    const index = Math.max(now.getTime(), this.#lastIndex + 1);
    this.#lastIndex = index;
    const data = { ...command, response };
    const outcome = { listSid: this.sid, index, data, eventId: 2 };
    for (const frame of this.#notifications.listItem(outcome, this.#protocol)) {
      this.#queue.send(frame);
    }
    const date = now.toISOString();
    return {
      index,
      list_sid: this.sid,
      url: listItemLink(this.sid, index),
      last_event_id: 1,
      revision: '1',
      data: command,
      date_created: date,
      date_updated: date,
      date_expires: null,
    };
  }

  /** Returns the context: the client's identity, its links, and whether reachability is enabled. */
  context({ reachabilityEnabled }: Pick<ServiceReachability, 'reachabilityEnabled'>) {
    const { identity, serviceSid, userSid } = this.#owner;
    const links = clientLinks(serviceSid, userSid);
    const conversations = conversationsMapSid(userSid);
    return {
      type: 'IpMsgSession',
      apiVersion: '3',
      identity,
      userInfo: userMapSid(userSid),
      myChannels: conversations,
      channels: conversations,
      myConversations: conversations,
      conversations,
      reachabilityEnabled,
      userInfosToSubscribe: USERS_TO_SUBSCRIBE,
      httpCacheInterval: 'PT5S',
      consumptionReportInterval: 'PT5S',
      links: {
        publicChannelsUrl: pathOf(links.conversations),
        publicConversationsUrl: pathOf(links.conversations),
        myChannelsUrl: pathOf(links.my_conversations),
        myConversationsUrl: pathOf(links.my_conversations),
        syncListUrl: pathOf(links.my_conversations),
        typingUrl: pathOf(links.typing),
        usersUrl: pathOf(links.users),
        messagesReceiptsUrl: pathOf(links.messages_receipts),
        mediaServiceUrl: links.media_service,
      },
    };
  }

  /** Returns the list without its items. */
  json(service: ServiceReachability, date: string) {
    const eventId = this.#contextEventId(service);
    return {
      sid: this.sid,
      unique_name: null,
      url: listLink(this.sid),
      links: { items: listItemsLink(this.sid), context: listContextLink(this.sid) },
      revision: String(eventId),
      last_event_id: eventId,
      date_created: date,
      date_updated: date,
      date_expires: null,
      context: this.context(service),
    };
  }

  #contextUpdate(service: ServiceReachability): readonly Buffer[] {
    const eventId = this.#contextEventId(service);
    const context = this.context(service);
    return this.#notifications.listContext({ listSid: this.sid, context, eventId }, this.#protocol);
  }

  /** Returns the id of the event that made the present context: the latest change of the Service's flag. */
  #contextEventId({ version }: Pick<ServiceReachability, 'version'>): number {
    return version === '' ? this.#eventIds.first : this.#eventIds.ofVersion(version);
  }
}

/** Returns the path of a link: the SDKs of a session prefix their own host. */
function pathOf(link: string): string {
  return new URL(link).pathname;
}
