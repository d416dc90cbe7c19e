import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { Sessions } from './sessions.ts';

/** Clients moved each second; more if the time would not be enough for all. */
const MIN_PER_SECOND = 1_000;
const STEP_MS = 50;
/** Each client waits a random time up to this before it reconnects. */
const RECONNECT_WITHIN_MS = 1_000;
/** Time for sockets to close before they are cut off. */
const CLOSE_TIMEOUT_MS = 1_500;
/** Time for the log to record closes; other nodes find the rest. */
const RECORD_TIMEOUT_MS = 2_000;

/**
 * Moves the clients of a process that stops to other processes, gradually: clients that all reconnect at once would
 * wait for one another.
 */
@Injectable()
export class Drain {
  readonly #withinMs: number;
  readonly #hurry = new AbortController();

  constructor(
    @Inject(Settings) settings: Pick<Settings, 'DRAIN_SECONDS'>,
    private readonly sessions: Sessions,
  ) {
    this.#withinMs = settings.DRAIN_SECONDS * 1_000;
  }

  /** Moves the remaining clients at once, and does not wait for them. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Settles when every client has moved, or the time for it is over. */
  async run(): Promise<void> {
    const { sessions } = this;
    sessions.stopAdmitting();
    const { attached } = sessions.counts;
    const perMs = Math.max(MIN_PER_SECOND / 1_000, attached / this.#withinMs);
    const reconnectInMs = (): number => Math.round(Math.random() * RECONNECT_WITHIN_MS);
    const began = performance.now();
    for (let moved = 0; ;) {
      const elapsed = performance.now() - began + STEP_MS;
      if (this.#isHurried || elapsed >= this.#withinMs) break;
      const due = Math.ceil(elapsed * perMs);
      if (sessions.move(due - moved, reconnectInMs) === 0) break;
      moved = due;
      await this.#waitAtMost(STEP_MS);
    }
    sessions.move(Infinity, reconnectInMs);
    await this.#waitAtMost(CLOSE_TIMEOUT_MS, sessions.allMoved());
    await this.#waitAtMost(RECORD_TIMEOUT_MS, sessions.allClosesRecorded());
    sessions.stopRecordingCloses();
  }

  get #isHurried(): boolean {
    return this.#hurry.signal.aborted;
  }

  /** Waits for a promise up to a time; does not wait when hurried. */
  async #waitAtMost(
    ms: number,
    promise: Promise<void> = new Promise(() => undefined),
  ): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#hurry.signal, over.signal]);
    const timeout = delay(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    await Promise.race([promise, timeout]);
    over.abort();
  }
}
