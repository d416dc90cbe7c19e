/** The input and output of a command. Tests have an implementation of their own. */
export interface CommandIo {
  /**
   * Writes to standard output; waits while its reader is slow.
   *
   * @throws OutputClosedError once the reader has closed it
   */
  write(text: string): Promise<void>;

  /** Writes progress or a warning to standard error. */
  note(text: string): void;

  /** Whether to print JSON: one document, or one document a line where events stream. */
  readonly json: boolean;

  /** Whether standard error is a terminal, where progress may redraw its line. */
  readonly interactive: boolean;

  /** Aborts on Ctrl-C and SIGTERM, and once standard output is closed. */
  readonly signal: AbortSignal;
}

/** The reader of standard output has closed it, as `| head -1` does. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError';
  readonly code = 'CLI.OUTPUT_CLOSED';

  constructor() {
    super('Standard output was closed');
  }
}

/** The process received SIGINT (Ctrl-C) or SIGTERM. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly code = 'CLI.INTERRUPTED';

  constructor() {
    super('Interrupted');
  }
}

/** Writes one JSON document, indented for people. */
export function writeJson(io: CommandIo, document: unknown): Promise<void> {
  return io.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** Writes one line of NDJSON. */
export function writeJsonLine(io: CommandIo, document: unknown): Promise<void> {
  return io.write(`${JSON.stringify(document)}\n`);
}

/** Writes one line of text. */
export function writeLine(io: CommandIo, line: string): Promise<void> {
  return io.write(`${line}\n`);
}
