import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MONOTONIC, type Monotonic } from '../infrastructure/tokens.ts';

/** Milliseconds between two ticks, and so how late something may be called. */
export const TICK_MS = 100;
/** A power of two; one turn takes longer than anything waits here as a rule, so that hardly any entry is met early. */
const SLOTS = 1_024;
/** A tick so much later than the one before shows that the process did not run, and heard nobody meanwhile. */
const GAP_MS = 1_000;
/** After a gap, what came meanwhile has so long to be read before anything is found to be late. */
const CATCH_UP_MS = 1_000;

const NEVER = -1;

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

  /** Calls `timed.due` at `at`, or up to a tick later; takes the place of what was scheduled for it before. */
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

  /** Calls all whose moment has come. */
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
  }

  onApplicationShutdown(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
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
      if (timed.dueTick === NEVER) continue;
      if (timed.dueTick > until) {
        if (this.#slotOf(timed.dueTick) === slot) slot.push(timed);
        continue;
      }
      timed.dueTick = NEVER;
      timed.due();
    }
  }
}
