import type { Logger } from '@nestjs/common';
import { logFailure } from './log-failure.ts';
import { WakeSignal } from './wake-signal.ts';

/** Whether the next round starts at once, after the usual pause, or when something is known to be due. */
export type RoundResult = 'more' | 'idle' | { readonly againInMs: number };

/** Milliseconds between two rounds. */
export interface Pauses {
  readonly least: number;
  /** Between rounds without work, unless somebody wakes the loop; `least` by default. Asked before each pause. */
  readonly most?: () => number;
}

/**
 * Repeats a round of work until stopped: immediately while the last round reports more work, else after a pause.
 * Rounds never overlap. A round that fails is logged and repeated after the least pause.
 */
export class PollingLoop {
  readonly #name: string;
  readonly #round: () => Promise<RoundResult>;
  readonly #pauses: Pauses;
  readonly #logger: Logger;
  readonly #stopSignal = new WakeSignal();
  readonly #wakeSignal = new WakeSignal();
  #isStopping = false;
  #running: Promise<void> | null = null;

  /** @param name of the work, for the log: "NAME failed" */
  constructor(name: string, round: () => Promise<RoundResult>, pauses: Pauses, logger: Logger) {
    this.#name = name;
    this.#round = round;
    this.#pauses = pauses;
    this.#logger = logger;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Starts the next round after the least pause: there may be work. */
  wake(): void {
    this.#wakeSignal.wake();
  }

  /** Settles when the current round has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopSignal.wake();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { least, most = () => least } = this.#pauses;
    while (!this.#isStopping) {
      const result = await this.#tryRound();
      if (result === 'more') continue;
      await this.#stopSignal.wait(least);
      const untilDue = result === 'idle' ? Infinity : result.againInMs;
      await this.#wakeSignal.wait(Math.max(0, Math.min(most(), untilDue) - least));
    }
  }

  async #tryRound(): Promise<RoundResult> {
    try {
      return await this.#round();
    } catch (error) {
      logFailure(this.#logger, 'error', `${this.#name} failed; retrying`, error);
      return { againInMs: this.#pauses.least };
    }
  }
}
