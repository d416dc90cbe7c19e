import { once } from 'node:events';
import { EXIT } from '../exit-codes.ts';
import { InterruptedError, OutputClosedError, type CommandIo } from './command-io.ts';

/** The standard streams and signals of this process, for one command. */
export class ProcessIo implements CommandIo {
  readonly json: boolean;
  readonly interactive = process.stderr.isTTY;
  readonly #abort = new AbortController();

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
    await Promise.race([once(process.stdout, 'drain'), this.#aborted()]);
    this.signal.throwIfAborted();
  }

  note(text: string): void {
    process.stderr.write(text);
  }

  /** Gives the signals back to the process. */
  close(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#interrupt);
  }

  async #aborted(): Promise<void> {
    if (!this.signal.aborted) await once(this.signal, 'abort');
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
