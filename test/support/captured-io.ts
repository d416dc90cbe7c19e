import { OutputClosedError, type CommandIo } from '../../apps/cli/src/io/command-io.ts';

/** Command I/O that keeps output in memory. */
export class CapturedIo implements CommandIo {
  stdout = '';
  stderr = '';
  readonly json: boolean;
  readonly interactive: boolean;
  readonly #abort = new AbortController();

  constructor({ json = false, interactive = false } = {}) {
    this.json = json;
    this.interactive = interactive;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  write(text: string): Promise<void> {
    this.stdout += text;
    return Promise.resolve();
  }

  note(text: string): void {
    this.stderr += text;
  }

  /** Simulates that the reader of standard output closes the pipe. */
  closeOutput(): void {
    this.#abort.abort(new OutputClosedError());
  }
}
