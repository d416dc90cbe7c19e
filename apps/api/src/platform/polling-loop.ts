import type { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { logFailure } from './log-failure.ts';

/**
 * Repeats a round of work until stopped: immediately while the last round reports more work, else after a pause.
 * Rounds never overlap. A round that fails is logged and repeated after the pause.
 */
export class PollingLoop {
  readonly #name: string;
  readonly #round: () => Promise<'more' | 'idle'>;
  readonly #pauseMs: number;
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #running: Promise<void> | null = null;

  /** @param name of the work, for the log: "NAME failed" */
  constructor(
    name: string,
    round: () => Promise<'more' | 'idle'>,
    pauseMs: number,
    logger: Logger,
  ) {
    this.#name = name;
    this.#round = round;
    this.#pauseMs = pauseMs;
    this.#logger = logger;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Settles when the current round has ended. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      if ((await this.#tryRound()) === 'more') continue;
      await delay(this.#pauseMs, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  async #tryRound(): Promise<'more' | 'idle'> {
    try {
      return await this.#round();
    } catch (error) {
      logFailure(this.#logger, 'error', `${this.#name} failed; retrying`, error);
      return 'idle';
    }
  }
}
