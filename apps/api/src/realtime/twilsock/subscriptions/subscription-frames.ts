import type { UserReachability } from '../../watching/reachability.ts';
import type { EventIds } from './event-ids.ts';
import type { NotificationQueue } from './notification-queue.ts';
import { NO_ANSWER } from './subscription-start.ts';
import type {
  EventProtocol,
  ItemChange,
  LiveNotification,
  SubscriptionOutcome,
  SyncNotifications,
} from './sync-notifications.ts';
import type { UserItems } from '../user-map.ts';

/** Writes what one client is told about its subscriptions, in the protocol that it asked for. */
export class SubscriptionFrames {
  readonly #notifications: SyncNotifications;
  readonly #eventIds: EventIds;
  readonly #queue: Pick<NotificationQueue, 'send' | 'offer' | 'forget'>;
  #protocol: EventProtocol = 4;

  constructor(
    notifications: SyncNotifications,
    eventIds: EventIds,
    queue: Pick<NotificationQueue, 'send' | 'offer' | 'forget'>,
  ) {
    this.#notifications = notifications;
    this.#eventIds = eventIds;
    this.#queue = queue;
  }

  /** Writes all later frames in this format. */
  useProtocol(protocol: EventProtocol): void {
    this.#protocol = protocol;
  }

  offerReachability(facts: UserReachability): void {
    this.#offer(facts.sid, this.#notifications.reachability(facts, this.#protocol));
  }

  offerNoAnswer(userSid: string, version: string): void {
    const eventId = this.#eventIds.ofVersion(version);
    this.offerItems(userSid, { reachability: NO_ANSWER }, eventId);
  }

  /** Offers changed items that every client gets. */
  offerItems(userSid: string, items: Partial<UserItems>, eventId: number): void {
    const change = { userSid, items, eventId };
    this.#offer(userSid, this.#notifications.live(change, this.#protocol));
  }

  /** Offers changed items that others may get with another event id, or not at all. */
  offerToThisClient(change: ItemChange): void {
    this.#offer(change.userSid, this.#notifications.once(change, this.#protocol));
  }

  /** Sends changes that the client has missed. */
  sendMissed(changes: readonly ItemChange[]): void {
    this.#send(this.#notifications.replay(changes, this.#protocol));
  }

  /** Sends how requests to subscribe or unsubscribe ended; nothing if there is none. */
  sendOutcomes(
    type: Parameters<SyncNotifications['subscription']>[0],
    correlationId: unknown,
    outcomes: readonly SubscriptionOutcome[],
  ): void {
    this.#send(this.#notifications.subscription(type, correlationId, outcomes, this.#protocol));
  }

  /** Drops what is pending about a User. */
  forget(userSid: string): void {
    this.#queue.forget(userSid);
  }

  #offer(userSid: string, encoded: readonly LiveNotification[]): void {
    for (const { item, frame } of encoded) this.#queue.offer(userSid, item, frame);
  }

  #send(frames: readonly Buffer[]): void {
    for (const frame of frames) this.#queue.send(frame);
  }
}
