import { OutputClosedError, type CommandIo } from '../../apps/cli/src/io/command-io.ts';

/** The streams of a command, kept in memory. */
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

  /** Whoever reads standard output goes. */
  closeOutput(): void {
    this.#abort.abort(new OutputClosedError());
  }
}
