import {
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { PollingLoop, type RoundResult } from './polling-loop.ts';

/** Longest pause of a loop that is woken when there may be work: for what nothing tells of. */
const TOLD_PAUSE_MS = 10_000;

/** Tells when there may be work. */
export interface WorkSignal {
  /** Whether it tells of work by any process at present. Where it does not, a loop looks for work after each pause. */
  readonly isTold: boolean;
  onMove(listener: () => void): void;
}

/** Base of providers that repeat a round of work from the start of the application until its shutdown. */
export abstract class BackgroundLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected readonly logger = new Logger(this.constructor.name);
  readonly #isEnabled: boolean;
  readonly #loop: PollingLoop;

  /**
   * @param options `isEnabled`: false in a process that leaves this work to others. `pauseMs`: between two rounds.
   *   `idlePauseMs`: the same while nothing is due, `pauseMs` by default. `signal`: wakes the loop; while it would tell of
   *   work by any process, pauses without work are long
   */
  constructor(options: {
    readonly name: string;
    readonly pauseMs: number;
    readonly isEnabled: boolean;
    readonly idlePauseMs?: number;
    readonly signal?: WorkSignal;
  }) {
    const { name, pauseMs, idlePauseMs = pauseMs, isEnabled, signal } = options;
    this.#isEnabled = isEnabled;
    const most = (): number => (signal?.isTold === true ? TOLD_PAUSE_MS : idlePauseMs);
    const round = (): Promise<RoundResult> => this.runOnce();
    this.#loop = new PollingLoop(name, round, { least: pauseMs, most }, this.logger);
    signal?.onMove(() => this.#loop.wake());
  }

  onApplicationBootstrap(): void {
    if (this.#isEnabled) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  /** Runs one round. */
  abstract runOnce(): Promise<RoundResult>;
}
