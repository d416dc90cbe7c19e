import type { Counter } from 'prom-client';
import type { SocketWriter } from '../../sockets/socket-writer.ts';

/**
 * Notifications for one client, each of which the client acknowledges by a reply. While its socket is stalled, the
 * queue keeps only the newest notification of each item: its length is limited by the client's subscriptions. A
 * change of a User never overtakes an earlier one.
 */
export class NotificationQueue {
  readonly #coalesced: Counter;
  readonly #writer: SocketWriter;
  /** By User, then by item, oldest first; null while none is pending. */
  #pending: Map<string, Map<string, Buffer>> | null = null;
  #unacknowledged = 0;

  constructor(coalesced: Counter, writer: SocketWriter) {
    this.#coalesced = coalesced;
    this.#writer = writer;
  }

  /** Whether notifications are pending until the client reads. */
  get hasPending(): boolean {
    return this.#pending !== null;
  }

  /** Sends a notification at once. */
  send(frame: Buffer): void {
    this.#unacknowledged += 1;
    this.#writer.write(frame);
  }

  /** Sends a notification about an item of a User; while the socket is stalled, it is pending, and replaces an older one. */
  offer(userSid: string, item: string, frame: Buffer): void {
    this.#unacknowledged += 1;
    if (this.#writer.isStalled || this.hasPending) {
      this.#coalesced.inc();
      this.#keep(userSid, item, frame);
    } else this.#writer.write(frame);
  }

  /** Drops pending notifications of a User: a newer state replaces them, or the client is not subscribed any more. */
  forget(userSid: string): void {
    this.#pending?.delete(userSid);
  }

  /** Takes a reply of the client; false if every notification is acknowledged already. */
  acknowledge(): boolean {
    if (this.#unacknowledged === 0) return false;
    this.#unacknowledged -= 1;
    return true;
  }

  clear(): void {
    this.#pending = null;
  }

  /** Writes pending notifications until the socket stalls. */
  flush(): void {
    const pending = this.#pending;
    this.#pending = null;
    for (const [userSid, items] of pending ?? []) {
      for (const [item, frame] of items) {
        if (this.#writer.isStalled || this.hasPending) this.#keep(userSid, item, frame);
        else this.#writer.write(frame);
      }
    }
  }

  #keep(userSid: string, item: string, frame: Buffer): void {
    this.#pending ??= new Map();
    const ofUser = this.#pending.get(userSid) ?? new Map<string, Buffer>();
    ofUser.delete(item);
    this.#pending.set(userSid, ofUser.set(item, frame));
  }
}
