import {
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { PollingLoop } from './polling-loop.ts';

/** Base of providers that repeat a round of work from the start of the application until its shutdown. */
export abstract class BackgroundLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected readonly logger = new Logger(this.constructor.name);
  readonly #isEnabled: boolean;
  readonly #loop: PollingLoop;

  /** @param options `isEnabled`: false in a process that leaves this work to others */
  constructor(options: {
    readonly name: string;
    readonly pauseMs: number;
    readonly isEnabled: boolean;
  }) {
    const { name, pauseMs, isEnabled } = options;
    this.#isEnabled = isEnabled;
    this.#loop = new PollingLoop(name, () => this.runOnce(), pauseMs, this.logger);
  }

  onApplicationBootstrap(): void {
    if (this.#isEnabled) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  /** Runs one round; `more` starts the next one without a pause. */
  abstract runOnce(): Promise<'more' | 'idle'>;
}
