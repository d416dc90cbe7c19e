/** The stores cannot be reached in time. The operation may still have an effect; every operation may be repeated. */
export class OperationalStateUnavailableError extends Error {
  override readonly name = 'OperationalStateUnavailableError';
  readonly code = 'OPERATIONAL_STATE.UNAVAILABLE';
}

/** The tables of operational state were made by a newer program. Nothing was written. */
export class NewerOperationalStateError extends Error {
  override readonly name = 'NewerOperationalStateError';
  readonly code = 'OPERATIONAL_STATE.NEWER';

  /** Number of the tables that the file has. */
  readonly found: number;
  /** Number of the tables of this program. */
  readonly known: number;

  constructor({ found, known }: Pick<NewerOperationalStateError, 'found' | 'known'>) {
    super(`Operational state has tables of a newer program: number ${found} instead of ${known}`);
    this.found = found;
    this.known = known;
  }
}
