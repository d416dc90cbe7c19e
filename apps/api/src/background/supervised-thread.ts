import type { Worker } from 'node:worker_threads';
import { backOff, type BackOff } from '#event-store';

/** Waits before a restart of the thread. */
const RETRY: BackOff = { baseMs: 100, capMs: 10_000 };
/** A thread that ran for this long was stable: its next failure counts as the first one. */
const STABLE_AFTER_MS = 30_000;

interface SupervisedThreadOptions<Message> {
  readonly start: () => Worker;
  readonly onMessage: (message: Message) => void;
  /** Called with the reason when the thread has ended, except for an orderly end after a stop. */
  readonly onExit: (reason: string) => void;
  readonly retry?: BackOff;
}

/** A thread that is restarted with back-off whenever it ends, until it is stopped. */
export class SupervisedThread<Message> {
  readonly #options: SupervisedThreadOptions<Message>;
  readonly #stopping = new AbortController();
  #worker: Worker | null = null;
  #running: Promise<void> | null = null;

  constructor(options: SupervisedThreadOptions<Message>) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Sends the thread a last message, which asks it to end. Settles when it has ended. */
  async stop(message: unknown): Promise<void> {
    this.#stopping.abort();
    this.#worker?.postMessage(message);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      const startedAt = performance.now();
      const reason = await this.#runOnce();
      if (reason === null) return;
      failures = performance.now() - startedAt > STABLE_AFTER_MS ? 1 : failures + 1;
      this.#options.onExit(reason);
      await backOff(this.#options.retry ?? RETRY, failures, signal);
    }
  }

  /** Starts the thread once. Returns the reason for its end; null for an orderly end after a stop. */
  #runOnce(): Promise<string | null> {
    const worker = this.#options.start();
    this.#worker = worker;
    worker.on('message', this.#options.onMessage);
    return new Promise((resolve) => {
      let failure: string | null = null;
      worker.on('error', (error) => (failure = String(error)));
      worker.once('exit', (code) => {
        this.#worker = null;
        const isOrderly = code === 0 && this.#stopping.signal.aborted;
        resolve(failure ?? (isOrderly ? null : `it ended with code ${code}`));
      });
    });
  }
}
