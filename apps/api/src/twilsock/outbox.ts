import type { GatewaySocket } from '../realtime/gateway-socket.ts';
import type { Outlet } from './subscriptions.ts';

/** Bytes that may wait for a client before changes are kept back for it. */
const HIGH_WATER = 64 * 1024;
/** Milliseconds in which a client that is behind has to read something. */
const PATIENCE_MS = 15_000;

/**
 * What waits for one client. Of changes only the newest of each item is kept while the client reads slowly, so
 * that what waits is bounded by what it is subscribed to; a change of a User never overtakes an earlier one.
 */
export class Outbox implements Outlet {
  readonly #socket: GatewaySocket;
  readonly #tooSlow: () => void;
  readonly #put: () => void;
  /** By User, then by item, oldest first; null while nothing is kept back. */
  #waiting: Map<string, Map<string, Buffer>> | null = null;

  /**
   * @param keptBack called for each change that is kept back
   * @param tooSlow called when the client has read nothing for too long
   */
  constructor(
    socket: GatewaySocket,
    { keptBack, tooSlow }: { readonly keptBack: () => void; readonly tooSlow: () => void },
  ) {
    this.#socket = socket;
    this.#put = keptBack;
    this.#tooSlow = tooSlow;
  }

  send(frame: Buffer): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame);
  }

  offer(userSid: string, item: string, frame: Buffer): void {
    if (this.#waiting === null && this.#socket.bufferedAmount < HIGH_WATER) {
      this.send(frame);
      return;
    }
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#put();
    this.#waiting ??= this.#holdBack();
    const ofUser = this.#waiting.get(userSid) ?? new Map<string, Buffer>();
    ofUser.delete(item);
    this.#waiting.set(userSid, ofUser.set(item, frame));
  }

  forget(userSid: string): void {
    this.#waiting?.delete(userSid);
  }

  #holdBack(): Map<string, Map<string, Buffer>> {
    const { transport } = this.#socket;
    const waited = this.#socket.bufferedAmount;
    const timer = setTimeout(() => {
      if (this.#socket.bufferedAmount >= waited) this.#tooSlow();
    }, PATIENCE_MS).unref();
    transport?.once('drain', () => {
      clearTimeout(timer);
      this.#flush();
    });
    return new Map();
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const [userSid, items] of waiting ?? []) {
      for (const [item, frame] of items) this.offer(userSid, item, frame);
    }
  }
}
