import type { Counter } from 'prom-client';
import type { SlowReader, SlowReaders } from '../realtime/slow-readers.ts';
import type { Outlet } from './subscriptions.ts';

/** What the outboxes of a process share. */
export interface OutboxContext {
  readonly slowReaders: SlowReaders;
  readonly coalesced: Counter;
}

/** What of a socket it takes to write to it. */
export interface OutboxSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly transport: {
    readonly writableLength: number;
    /** False once so much waits that `drain` will say when to go on. */
    write(bytes: Buffer): boolean;
    once(event: 'drain', listener: () => void): unknown;
  } | null;
}

/** Whose outbox it is. */
export interface Recipient {
  /** It has read some of what waited for it. */
  hasRead(): void;
  /** It has read nothing for too long. */
  tooSlow(): void;
}

/**
 * What waits for one client. Once its socket takes no more, of changes only the newest of each item is kept, so that
 * what waits is bounded by what the client is subscribed to; a change of a User never overtakes an earlier one.
 */
export class Outbox implements Outlet, SlowReader {
  readonly #context: OutboxContext;
  readonly #socket: OutboxSocket;
  readonly #recipient: Recipient;
  /** By User, then by item, oldest first; null while nothing is kept back. */
  #waiting: Map<string, Map<string, Buffer>> | null = null;
  #stalled = false;

  constructor(context: OutboxContext, socket: OutboxSocket, recipient: Recipient) {
    this.#context = context;
    this.#socket = socket;
    this.#recipient = recipient;
  }

  /** Whether something waits for the client to read on. */
  get isBlocked(): boolean {
    return this.#stalled || this.#waiting !== null;
  }

  get unread(): number {
    return this.#socket.transport?.writableLength ?? 0;
  }

  send(frame: Buffer): void {
    const { transport, readyState, OPEN } = this.#socket;
    if (transport === null || readyState !== OPEN) return;
    if (!transport.write(frame)) this.#stall(transport);
  }

  offer(userSid: string, item: string, frame: Buffer): void {
    if (this.isBlocked) {
      this.#context.coalesced.inc();
      this.#keep(userSid, item, frame);
    } else this.send(frame);
  }

  forget(userSid: string): void {
    this.#waiting?.delete(userSid);
  }

  /** The socket is closed. */
  end(): void {
    this.#waiting = null;
    this.#context.slowReaders.remove(this);
  }

  tooSlow(): void {
    this.#recipient.tooSlow();
  }

  #keep(userSid: string, item: string, frame: Buffer): void {
    this.#waiting ??= new Map();
    const ofUser = this.#waiting.get(userSid) ?? new Map<string, Buffer>();
    ofUser.delete(item);
    this.#waiting.set(userSid, ofUser.set(item, frame));
  }

  #stall(transport: NonNullable<OutboxSocket['transport']>): void {
    if (this.#stalled) return;
    this.#stalled = true;
    this.#context.slowReaders.add(this);
    transport.once('drain', () => {
      this.#stalled = false;
      this.#flush();
      if (!this.isBlocked) this.#context.slowReaders.remove(this);
      this.#recipient.hasRead();
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const [userSid, items] of waiting ?? []) {
      for (const [item, frame] of items) {
        if (this.isBlocked) this.#keep(userSid, item, frame);
        else this.send(frame);
      }
    }
  }
}
