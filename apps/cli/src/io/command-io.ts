/** What a command reads and writes; a test brings its own. */
export interface CommandIo {
  /**
   * Writes to standard output, and waits while whoever reads it is slow.
   *
   * @throws OutputClosedError once nobody reads it any more
   */
  write(text: string): Promise<void>;

  /** Writes to standard error: progress and warnings, never a part of the answer. */
  note(text: string): void;

  /** Answers are JSON: one document, or one document a line where events stream. */
  readonly json: boolean;

  /** Standard error is a terminal, where progress may redraw its line. */
  readonly interactive: boolean;

  /** Aborts on Ctrl-C and SIGTERM, and once nobody reads standard output any more. */
  readonly signal: AbortSignal;
}

/** Whoever read standard output has gone, as `| head -1` does: there is no point in going on. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError';
  readonly code = 'CLI.OUTPUT_CLOSED';

  constructor() {
    super('Standard output was closed');
  }
}

/** Ctrl-C, or a request to end. */
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

export function writeLine(io: CommandIo, line: string): Promise<void> {
  return io.write(`${line}\n`);
}
