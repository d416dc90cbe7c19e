import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { MONOTONIC, type Monotonic } from '../../platform/injection-tokens.ts';

/** Milliseconds between two ticks: timers are late by at most this. */
export const TICK_MS = 100;
/** A power of two. One round of the wheel is longer than most waits, so few entries are visited before they are due. */
const SLOTS = 1_024;
/** A tick that is later than this shows that the process was paused, and read nothing in the meantime. */
const PAUSE_THRESHOLD_MS = 1_000;
/** Time to read everything that arrived during a pause, before any timer fires. */
const CATCH_UP_MS = 1_000;

/** Milliseconds after which other work gets a turn, when many timers are due at once. */
const SLICE_MS = 4;

const NEVER = -1;
/** Due, and waiting for its turn. */
const READY = -2;

/** Something with one timer on the wheel. A base class rather than a callback, so that a timer costs only its slot. */
export abstract class WheelTimer {
  /** The tick at which it is due. Only the wheel uses it. */
  scheduledTick = NEVER;

  /** The timer has fired. It does not fire again until it is scheduled again. */
  abstract onTimer(): void;
}

/**
 * The one timer of all sessions: a ring with a slot for each tick, so that scheduling and waiting cost the same for
 * one client and for a hundred thousand. A rescheduled entry stays in its old slot, and is skipped there.
 *
 * It uses the monotonic clock. After the process itself was stopped for a while, every timer waits a moment longer:
 * pongs and resumes that arrived in time still have to be read.
 */
@Injectable()
export class TimingWheel implements OnApplicationShutdown {
  readonly #slots: WheelTimer[][] = Array.from({ length: SLOTS }, () => []);
  /** The last tick that was handled. */
  #lastTick: number;
  #lastTickAt: number;
  /** No timer fires before this time; null after it. */
  #pausedUntil: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #ready: WheelTimer[] = [];
  #nextTurn: NodeJS.Immediate | null = null;

  constructor(@Inject(MONOTONIC) private readonly monotonic: Monotonic) {
    this.#lastTickAt = monotonic();
    this.#lastTick = Math.floor(this.#lastTickAt / TICK_MS);
  }

  /** Milliseconds on the monotonic clock. */
  get now(): number {
    return this.monotonic();
  }

  /** The time of the latest tick: costs less than {@link now}. */
  get lastTickAt(): number {
    return this.#lastTickAt;
  }

  /**
   * Calls `timer.onTimer` at a time, or up to a tick later; replaces an earlier schedule of it. When thousands
   * are due at once, the event loop does other work in between.
   */
  schedule(timer: WheelTimer, at: number): void {
    this.#timer ??= this.#start();
    const tick = Math.max(Math.ceil(at / TICK_MS), this.#lastTick + 1);
    if (timer.scheduledTick === tick) return;
    timer.scheduledTick = tick;
    this.#slotOf(tick).push(timer);
  }

  cancel(timer: WheelTimer): void {
    timer.scheduledTick = NEVER;
  }

  /** Handles a tick: finds all that are due, and starts to call them. */
  tick(): void {
    const now = this.monotonic();
    if (this.#pausedUntil === null && now - this.#lastTickAt > PAUSE_THRESHOLD_MS) {
      this.#pausedUntil = now + CATCH_UP_MS;
    }
    this.#lastTickAt = now;
    if (this.#pausedUntil !== null && now < this.#pausedUntil) return;
    this.#pausedUntil = null;
    const until = Math.floor(now / TICK_MS);
    // One whole round visits every slot.
    this.#lastTick = Math.max(this.#lastTick, until - SLOTS);
    while (this.#lastTick < until) {
      this.#lastTick += 1;
      this.#collectDue(this.#lastTick, until);
    }
    if (this.#nextTurn === null) this.#callReady();
  }

  onApplicationShutdown(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#nextTurn !== null) clearImmediate(this.#nextTurn);
  }

  #start(): NodeJS.Timeout {
    this.#lastTickAt = this.monotonic();
    // The timer of all sessions is no part of the trace of the first one.
    const start = () => setInterval(() => this.tick(), TICK_MS).unref();
    return context.with(ROOT_CONTEXT, start);
  }

  #slotOf(tick: number): WheelTimer[] {
    const slot = this.#slots[tick & (SLOTS - 1)];
    if (slot === undefined) throw new RangeError(`There is no slot for tick ${tick}`);
    return slot;
  }

  #collectDue(tick: number, until: number): void {
    const slot = this.#slotOf(tick);
    if (slot.length === 0) return;
    const entries = slot.splice(0);
    for (const timer of entries) {
      if (timer.scheduledTick < 0) continue;
      if (timer.scheduledTick > until) {
        if (this.#slotOf(timer.scheduledTick) === slot) slot.push(timer);
        continue;
      }
      timer.scheduledTick = READY;
      this.#ready.push(timer);
    }
  }

  #callReady(): void {
    const until = performance.now() + SLICE_MS;
    const ready = this.#ready;
    let next = 0;
    for (; next < ready.length && performance.now() < until; next += 1) {
      const timer = ready[next];
      if (timer?.scheduledTick !== READY) continue;
      timer.scheduledTick = NEVER;
      timer.onTimer();
    }
    this.#ready = ready.slice(next);
    this.#nextTurn = this.#ready.length === 0 ? null : setImmediate(() => this.#callReady());
  }
}
