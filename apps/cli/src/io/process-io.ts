import { EXIT } from '../exit-codes.ts';
import { InterruptedError, OutputClosedError, type CommandIo } from './command-io.ts';

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The standard streams and signals of the process, for one command. */
export class ProcessIo implements CommandIo {
  readonly json: boolean;
  readonly interactive = process.stderr.isTTY;
  readonly #abort = new AbortController();
  /** A command that only waits for the log would let the process end. */
  readonly #keepAlive = setInterval(() => undefined, MAX_TIMER_MS);

  constructor(json: boolean) {
    this.json = json;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.#onSignal);
    process.stdout.on('error', this.#onOutputError);
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

  /** Removes the signal handlers and lets the process end. */
  close(): void {
    clearInterval(this.#keepAlive);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#onSignal);
  }

  /** The first signal ends the command in order, the second one at once. */
  readonly #onSignal = (): void => {
    if (this.signal.aborted) process.exit(EXIT.interrupted);
    this.#abort.abort(new InterruptedError());
  };

  readonly #onOutputError = (error: NodeJS.ErrnoException): void => {
    this.#abort.abort(error.code === 'EPIPE' ? new OutputClosedError() : error);
  };
}
