import { PING_SECONDS, PONG_SECONDS } from '#domain';

const PING_MS = PING_SECONDS * 1_000;
const PONG_MS = PONG_SECONDS * 1_000;
/** A client is warned this long before its token expires, if the token lasts at least twice as long. */
const EXPIRY_WARNING_MS = 180_000;
/** Pings are early by a random time up to this, so that clients which connected together are not pinged together. */
const PING_JITTER_MS = 1_000;

/** Times of one client: last sign of life, next ping, token expiry. All are milliseconds of one monotonic clock. */
export class LivenessTimer {
  #seenAt: number;
  #pingedAt = -Infinity;
  /** When the answer to the latest ping is due. */
  #pongDueAt = -Infinity;
  #expiresAt = Infinity;
  #warnAt = Infinity;

  constructor(now: number) {
    this.#seenAt = now;
  }

  /** Last sign of life. */
  get seenAt(): number {
    return this.#seenAt;
  }

  markSeen(at: number): void {
    this.#seenAt = at;
  }

  /** Sets the time that the client's token is still valid. */
  setExpiry(inMs: number, now: number): void {
    this.#expiresAt = now + inMs;
    this.#warnAt = this.#expiresAt - Math.min(EXPIRY_WARNING_MS, inMs / 2);
  }

  hasExpired(now: number): boolean {
    return now >= this.#expiresAt;
  }

  /** Returns the milliseconds until the token expires, once, when it is time to warn the client; null otherwise. */
  takeExpiryWarning(now: number): number | null {
    if (now < this.#warnAt) return null;
    this.#warnAt = Infinity;
    return Math.round(this.#expiresAt - now);
  }

  isPongOverdue(now: number): boolean {
    return this.#isAwaitingPong && now >= this.#pongDueAt;
  }

  isPingDue(now: number): boolean {
    return !this.#isAwaitingPong && now >= this.#seenAt + PING_MS - PING_JITTER_MS;
  }

  /**
   * @param at time of the ping, from the same source as times of {@link markSeen}. From another source, an answer
   *   within the same tick would seem older than the ping
   */
  markPinged(at: number, now: number): void {
    this.#pingedAt = at;
    this.#pongDueAt = now + PONG_MS;
  }

  /** Returns when to check this client again. */
  nextCheckAt(): number {
    const at = this.#isAwaitingPong
      ? this.#pongDueAt
      : this.#seenAt + PING_MS - Math.random() * PING_JITTER_MS;
    return Math.min(at, this.#warnAt, this.#expiresAt);
  }

  get #isAwaitingPong(): boolean {
    return this.#seenAt < this.#pingedAt;
  }
}
