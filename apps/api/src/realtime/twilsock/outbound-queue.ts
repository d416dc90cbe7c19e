import type { Counter } from 'prom-client';
import type { SlowReaders } from '../sockets/slow-readers.ts';
import { SocketWriter, type Recipient, type WritableSocket } from '../sockets/socket-writer.ts';
import type { Outlet } from './subscriptions.ts';

/** What the outboxes of a process share. */
export interface OutboundQueueContext {
  readonly slowReaders: SlowReaders;
  readonly coalesced: Counter;
}

/**
 * What waits for one client. Once its socket takes no more, of changes only the newest of each item is kept, so that
 * what waits is bounded by what the client is subscribed to; a change of a User never overtakes an earlier one.
 */
export class OutboundQueue extends SocketWriter<Recipient> implements Outlet {
  readonly #context: OutboundQueueContext;
  /** By User, then by item, oldest first; null while nothing is kept back. */
  #waiting: Map<string, Map<string, Buffer>> | null = null;

  constructor(context: OutboundQueueContext, socket: WritableSocket, recipient: Recipient) {
    super(context.slowReaders, recipient);
    this.#context = context;
    this.useSocket(socket);
  }

  /** Whether something waits for the client to read on. */
  get isBlocked(): boolean {
    return this.isStalled || this.#waiting !== null;
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
    this.leaveSocket();
  }

  override flush(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const [userSid, items] of waiting ?? []) {
      for (const [item, frame] of items) {
        if (this.isBlocked) this.#keep(userSid, item, frame);
        else this.send(frame);
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
