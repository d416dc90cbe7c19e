import { PING_SECONDS, PONG_SECONDS } from '#domain';

const PING_MS = PING_SECONDS * 1_000;
const PONG_MS = PONG_SECONDS * 1_000;
/** Time before the end of its token at which a client is warned, where the token lasts at least twice as long. */
const TOKEN_WARNING_MS = 180_000;
/** Pings come so much early, at random: of clients that came all at once, each is soon asked at a time of its own. */
const PING_SPREAD_MS = 1_000;

/** Watches over one client: whether it is still there, and how long its token lasts. All moments are of one clock. */
export class LivenessTimer {
  #seenAt: number;
  #askedAt = -Infinity;
  /** To answer what was asked last. */
  #answerBy = -Infinity;
  #expiresAt = Infinity;
  #warnAt = Infinity;

  constructor(now: number) {
    this.#seenAt = now;
  }

  /** Last sign of life. */
  get seenAt(): number {
    return this.#seenAt;
  }

  /** The client has shown that it is there. */
  seen(at: number): void {
    this.#seenAt = at;
  }

  /** Its token lasts so many milliseconds from now on. */
  lastsFor(ms: number, now: number): void {
    this.#expiresAt = now + ms;
    this.#warnAt = this.#expiresAt - Math.min(TOKEN_WARNING_MS, ms / 2);
  }

  hasExpired(now: number): boolean {
    return now >= this.#expiresAt;
  }

  /** How many milliseconds its token still lasts, where it is time to say so, once; null otherwise. */
  takeWarning(now: number): number | null {
    if (now < this.#warnAt) return null;
    this.#warnAt = Infinity;
    return Math.round(this.#expiresAt - now);
  }

  hasFallenSilent(now: number): boolean {
    return this.#isAsked && now >= this.#answerBy;
  }

  isToBeAsked(now: number): boolean {
    return !this.#isAsked && now >= this.#seenAt + PING_MS - PING_SPREAD_MS;
  }

  /** @param at by the clock that answers are noted by, or one within the same tick would seem to have come before */
  asked(at: number, now: number): void {
    this.#askedAt = at;
    this.#answerBy = now + PONG_MS;
  }

  /** When to look after it again, after it was looked after now. */
  next(): number {
    const at = this.#isAsked
      ? this.#answerBy
      : this.#seenAt + PING_MS - Math.random() * PING_SPREAD_MS;
    return Math.min(at, this.#warnAt, this.#expiresAt);
  }

  get #isAsked(): boolean {
    return this.#seenAt < this.#askedAt;
  }
}
