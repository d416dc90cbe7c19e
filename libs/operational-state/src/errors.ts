/** The stores cannot be reached in time. The operation may still have an effect; every operation may be repeated. */
export class OperationalStateUnavailableError extends Error {
  override readonly name = 'OperationalStateUnavailableError';
  readonly code = 'OPERATIONAL_STATE.UNAVAILABLE';
}
