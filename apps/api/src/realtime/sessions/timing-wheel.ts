import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MONOTONIC, type Monotonic } from '../../platform/injection-tokens.ts';

/** Milliseconds between two ticks, and so how late something may be called. */
export const TICK_MS = 100;
/** A power of two; one turn takes longer than anything waits here as a rule, so that hardly any entry is met early. */
const SLOTS = 1_024;
/** A tick so much later than the one before shows that the process did not run, and heard nobody meanwhile. */
const GAP_MS = 1_000;
/** After a gap, what came meanwhile has so long to be read before anything is found to be late. */
const CATCH_UP_MS = 1_000;

/** Milliseconds after which others get a turn, where much is due at once. */
const AT_ONCE_MS = 4;

const NEVER = -1;
/** Its moment has come, and it waits for its turn. */
const READY = -2;

/** What waits in a wheel, for one moment at a time. Extended rather than called back, so that it costs a slot only. */
export abstract class Timed {
  /** The tick that it waits for; the wheel's own. */
  dueTick = NEVER;

  /** Its moment has come; it waits for no other until it is scheduled again. */
  abstract due(): void;
}

/**
 * The one timer of all sessions: a slot for each tick, through which it goes round, so that scheduling and waiting
 * cost the same for one client and for a hundred thousand. What is scheduled anew stays in its old slot until that
 * is met, and is passed over there.
 *
 * It measures on the monotonic clock. Where the process itself was stopped for a while, everything waits for a
 * moment longer: pongs and resumes that came in time are still to be read.
 */
@Injectable()
export class TimingWheel implements OnApplicationShutdown {
  readonly #monotonic: Monotonic;
  readonly #slots: Timed[][] = Array.from({ length: SLOTS }, () => []);
  /** The last tick that was dealt with. */
  #tick: number;
  #lastLook: number;
  /** Nothing is called before this moment; null after it. */
  #heldUntil: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #ready: Timed[] = [];
  #calling: NodeJS.Immediate | null = null;

  constructor(@Inject(MONOTONIC) monotonic: Monotonic) {
    this.#monotonic = monotonic;
    this.#lastLook = monotonic();
    this.#tick = Math.floor(this.#lastLook / TICK_MS);
  }

  /** Milliseconds on the monotonic clock. */
  get now(): number {
    return this.#monotonic();
  }

  /** The same as of the latest tick: costs nothing. */
  get lately(): number {
    return this.#lastLook;
  }

  /**
   * Calls `timed.due` at `at`, or up to a tick later; takes the place of what was scheduled for it before. Where
   * thousands are due at once, the event loop serves others in between.
   */
  schedule(timed: Timed, at: number): void {
    this.#timer ??= this.#start();
    const tick = Math.max(Math.ceil(at / TICK_MS), this.#tick + 1);
    if (timed.dueTick === tick) return;
    timed.dueTick = tick;
    this.#slotOf(tick).push(timed);
  }

  cancel(timed: Timed): void {
    timed.dueTick = NEVER;
  }

  /** To be called for each tick: finds all whose moment has come, and begins to call them. */
  advance(): void {
    const now = this.#monotonic();
    if (this.#heldUntil === null && now - this.#lastLook > GAP_MS) {
      this.#heldUntil = now + CATCH_UP_MS;
    }
    this.#lastLook = now;
    if (this.#heldUntil !== null && now < this.#heldUntil) return;
    this.#heldUntil = null;
    const until = Math.floor(now / TICK_MS);
    // After one whole turn every slot has been met.
    this.#tick = Math.max(this.#tick, until - SLOTS);
    while (this.#tick < until) {
      this.#tick += 1;
      this.#meet(this.#tick, until);
    }
    if (this.#calling === null) this.#call();
  }

  onApplicationShutdown(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#calling !== null) clearImmediate(this.#calling);
  }

  #start(): NodeJS.Timeout {
    this.#lastLook = this.#monotonic();
    return setInterval(() => this.advance(), TICK_MS).unref();
  }

  #slotOf(tick: number): Timed[] {
    const slot = this.#slots[tick & (SLOTS - 1)];
    if (slot === undefined) throw new RangeError(`There is no slot for tick ${tick}`);
    return slot;
  }

  #meet(tick: number, until: number): void {
    const slot = this.#slotOf(tick);
    if (slot.length === 0) return;
    const waiting = slot.splice(0);
    for (const timed of waiting) {
      if (timed.dueTick < 0) continue;
      if (timed.dueTick > until) {
        if (this.#slotOf(timed.dueTick) === slot) slot.push(timed);
        continue;
      }
      timed.dueTick = READY;
      this.#ready.push(timed);
    }
  }

  #call(): void {
    const until = performance.now() + AT_ONCE_MS;
    const ready = this.#ready;
    let next = 0;
    for (; next < ready.length && performance.now() < until; next += 1) {
      const timed = ready[next];
      if (timed?.dueTick !== READY) continue;
      timed.dueTick = NEVER;
      timed.due();
    }
    this.#ready = ready.slice(next);
    this.#calling = this.#ready.length === 0 ? null : setImmediate(() => this.#call());
  }
}
