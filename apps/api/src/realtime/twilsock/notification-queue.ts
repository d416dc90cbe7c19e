import type { Counter } from 'prom-client';
import type { SocketWriter } from '../sockets/socket-writer.ts';

/**
 * Notifications for one client, each of which the client acknowledges by a reply. While its socket is stalled, the
 * queue keeps only the newest notification of each item: its length is limited by the client's subscriptions. A
 * change of a User never overtakes an earlier one.
 */
export class NotificationQueue {
  readonly #coalesced: Counter;
  readonly #writer: SocketWriter;
  /** By User, then by item, oldest first; null while none waits. */
  #waiting: Map<string, Map<string, Buffer>> | null = null;
  #unacknowledged = 0;

  constructor(coalesced: Counter, writer: SocketWriter) {
    this.#coalesced = coalesced;
    this.#writer = writer;
  }

  /** Whether notifications wait for the client to read. */
  get hasPending(): boolean {
    return this.#waiting !== null;
  }

  /** Sends a notification at once. */
  send(frame: Buffer): void {
    this.#unacknowledged += 1;
    this.#writer.write(frame);
  }

  /** Sends a notification about an item of a User; it waits, and replaces an older one, while the socket is stalled. */
  offer(userSid: string, item: string, frame: Buffer): void {
    this.#unacknowledged += 1;
    if (this.#writer.isStalled || this.hasPending) {
      this.#coalesced.inc();
      this.#keep(userSid, item, frame);
    } else this.#writer.write(frame);
  }

  /** Drops what waits about a User: a newer state replaces it, or the client is no longer subscribed. */
  forget(userSid: string): void {
    this.#waiting?.delete(userSid);
  }

  /** Takes a reply of the client; false if every notification is acknowledged already. */
  acknowledge(): boolean {
    if (this.#unacknowledged === 0) return false;
    this.#unacknowledged -= 1;
    return true;
  }

  clear(): void {
    this.#waiting = null;
  }

  /** Writes what waits, until the socket stalls. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const [userSid, items] of waiting ?? []) {
      for (const [item, frame] of items) {
        if (this.#writer.isStalled || this.hasPending) this.#keep(userSid, item, frame);
        else this.#writer.write(frame);
      }
    }
  }

  #keep(userSid: string, item: string, frame: Buffer): void {
    this.#waiting ??= new Map();
    const ofUser = this.#waiting.get(userSid) ?? new Map<string, Buffer>();
    ofUser.delete(item);
    this.#waiting.set(userSid, ofUser.set(item, frame));
  }
}
