/** A newer program has written a file of a data directory or of a backup. */
export class NewerFileError extends Error {
  override readonly name = 'NewerFileError';
  readonly code = 'FILE.NEWER';

  /** @param known newest format that this program reads */
  constructor(path: string, format: number, known: number) {
    super(`${path} has format ${format}, of a newer program; this one reads ${known}`);
  }
}

/**
 * Checks the `format` of a JSON document. One that has none is accepted: the first programs wrote none to some files.
 *
 * @throws NewerFileError
 */
export function assertKnownFormat(path: string, document: unknown, known: number): void {
  if (typeof document !== 'object' || document === null || !('format' in document)) return;
  const { format } = document;
  if (typeof format === 'number' && format > known) throw new NewerFileError(path, format, known);
}
