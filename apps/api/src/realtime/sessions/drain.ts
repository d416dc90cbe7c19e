import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { Sessions } from './sessions.ts';

/** Clients that are told to move in a second, where that many fit into the time that there is. */
const PER_SECOND = 1_000;
const STEP_MS = 50;
/** Each client waits a random time up to this before it connects again. */
const RECONNECT_WITHIN_MS = 1_000;
/** A socket that does not close is cut off by then. */
const SOCKETS_GONE_MS = 1_500;
/** What the log has not taken by then, others will find. */
const RECORDED_MS = 2_000;

/**
 * Lets the clients of a process that stops move elsewhere, not all of them at once: those who come to the next
 * process together wait for one another.
 */
@Injectable()
export class Drain {
  readonly #sessions: Sessions;
  readonly #withinMs: number;
  readonly #hurry = new AbortController();

  constructor(@Inject(Settings) settings: Pick<Settings, 'DRAIN_SECONDS'>, sessions: Sessions) {
    this.#sessions = sessions;
    this.#withinMs = settings.DRAIN_SECONDS * 1_000;
  }

  /** Moves who is left at once, and waits for nothing any more. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Settles when every client has left, or been left. */
  async run(): Promise<void> {
    const sessions = this.#sessions;
    sessions.refuse();
    const { attached } = sessions.counts;
    const perMs = Math.max(PER_SECOND / 1_000, attached / this.#withinMs);
    const soon = (): number => Math.round(Math.random() * RECONNECT_WITHIN_MS);
    const began = performance.now();
    for (let moved = 0; ;) {
      const elapsed = performance.now() - began + STEP_MS;
      if (this.#isHurried || elapsed >= this.#withinMs) break;
      const due = Math.ceil(elapsed * perMs);
      if (sessions.move(due - moved, soon) === 0) break;
      moved = due;
      await this.#atMost(STEP_MS);
    }
    sessions.move(Infinity, soon);
    await this.#atMost(SOCKETS_GONE_MS, sessions.moved());
    await this.#atMost(RECORDED_MS, sessions.recorded());
    sessions.stop();
  }

  get #isHurried(): boolean {
    return this.#hurry.signal.aborted;
  }

  /** Waits for something so long at most, and not at all in a hurry. */
  async #atMost(ms: number, what: Promise<void> = new Promise(() => undefined)): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#hurry.signal, over.signal]);
    const waited = delay(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    await Promise.race([what, waited]);
    over.abort();
  }
}
