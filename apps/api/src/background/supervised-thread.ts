import type { Worker } from 'node:worker_threads';
import { backOff, type BackOff } from '#event-store';

/** Waits before a thread is started again. */
const RETRY: BackOff = { baseMs: 100, capMs: 10_000 };
/** A thread that has lived so long, in milliseconds, was well: its end counts as the first one. */
const WELL_AFTER_MS = 30_000;

export interface SupervisedThreadOptions<Message> {
  readonly start: () => Worker;
  readonly onMessage: (message: Message) => void;
  /** Told why it has ended, unless it was asked to and did so in good order. */
  readonly onDeath: (reason: string) => void;
  readonly retry?: BackOff;
}

/** A thread that is always there, until it is stopped: one that dies is followed by another, after a pause. */
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

  /** Sends the thread a last message, at which it is to end in its own time; settles once it has. */
  async stop(message: unknown): Promise<void> {
    this.#stopping.abort();
    this.#worker?.postMessage(message);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let deaths = 0; !signal.aborted;) {
      const startedAt = performance.now();
      const reason = await this.#live();
      if (reason === null) return;
      deaths = performance.now() - startedAt > WELL_AFTER_MS ? 1 : deaths + 1;
      this.#options.onDeath(reason);
      await backOff(this.#options.retry ?? RETRY, deaths, signal);
    }
  }

  /** One life of a thread. Answers why it ended, null where that was in good order. */
  #live(): Promise<string | null> {
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
