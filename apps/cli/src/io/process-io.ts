import { EXIT } from '../exit-codes.ts';
import { InterruptedError, OutputClosedError, type CommandIo } from './command-io.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The standard streams and signals of this process, for one command. */
export class ProcessIo implements CommandIo {
  readonly json: boolean;
  readonly interactive = process.stderr.isTTY;
  readonly #abort = new AbortController();
  /** Waiting for the log alone does not keep a process alive. */
  readonly #alive = setInterval(() => undefined, LONGEST_TIMER_MS);

  constructor(json: boolean) {
    this.json = json;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.#interrupt);
    process.stdout.on('error', this.#outputFailed);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async write(text: string): Promise<void> {
    this.signal.throwIfAborted();
    if (process.stdout.write(text)) return;
    const { promise: drained, resolve } = Promise.withResolvers<unknown>();
    process.stdout.once('drain', resolve);
    this.signal.addEventListener('abort', resolve);
    await drained;
    process.stdout.off('drain', resolve);
    this.signal.removeEventListener('abort', resolve);
    this.signal.throwIfAborted();
  }

  note(text: string): void {
    process.stderr.write(text);
  }

  /** Gives the signals back to the process, and lets it end. */
  close(): void {
    clearInterval(this.#alive);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#interrupt);
  }

  /** The first request to end is an orderly one; who asks again does not want to wait. */
  readonly #interrupt = (): void => {
    if (this.signal.aborted) process.exit(EXIT.interrupted);
    this.#abort.abort(new InterruptedError());
  };

  readonly #outputFailed = (error: NodeJS.ErrnoException): void => {
    this.#abort.abort(error.code === 'EPIPE' ? new OutputClosedError() : error);
  };
}
