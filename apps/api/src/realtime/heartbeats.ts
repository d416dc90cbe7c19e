import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../infrastructure/tokens.ts';
import { PING_SECONDS, PONG_SECONDS } from './liveness.ts';

/** A client that may have gone without a word. */
export interface Peer {
  /** Milliseconds since the epoch: when it was last known to be there. */
  readonly lastSeenAt: number;
  ping(): void;
  /** It has not answered in time. */
  fellSilent(): void;
}

const TICK_MS = 1_000;

/**
 * Finds clients that are gone without a word: pings every one, and gives up those that have said nothing since.
 * One wheel for all of them, a slot for each second, so that a thousand clients cost no thousand timers; clients
 * are spread over the slots, so that their pings are spread over time.
 */
@Injectable()
export class Heartbeats implements OnApplicationShutdown {
  readonly #clock: Clock;
  readonly #slots: readonly Set<Peer>[] = Array.from({ length: PING_SECONDS }, () => new Set());
  /** Pinged clients by the slot at which their answer is due, with the time of the ping. */
  readonly #due: readonly Map<Peer, number>[] = Array.from(
    { length: PING_SECONDS },
    () => new Map(),
  );
  #second = 0;
  #next = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(@Inject(CLOCK) clock: Clock) {
    this.#clock = clock;
  }

  /** Looks after a client until the function that it answers is called. */
  add(peer: Peer): () => void {
    const slot = this.#slots[this.#next % PING_SECONDS];
    this.#next += 1;
    slot?.add(peer);
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref();
    return () => {
      slot?.delete(peer);
      for (const due of this.#due) due.delete(peer);
    };
  }

  /** One second has passed. */
  tick(): void {
    this.#second += 1;
    const now = this.#clock().getTime();
    this.#giveUp(this.#due[this.#second % PING_SECONDS]);
    const answers = this.#due[(this.#second + PONG_SECONDS) % PING_SECONDS];
    for (const peer of this.#slots[this.#second % PING_SECONDS] ?? []) {
      peer.ping();
      answers?.set(peer, now);
    }
  }

  onApplicationShutdown(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #giveUp(due: Map<Peer, number> | undefined): void {
    for (const [peer, pingedAt] of due ?? []) {
      if (peer.lastSeenAt < pingedAt) peer.fellSilent();
    }
    due?.clear();
  }
}
