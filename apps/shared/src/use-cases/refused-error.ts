/** A use case refuses its input although each parameter alone is valid. The message tells the client why. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** A use case refuses a caller that may not do this, whatever its input. The message tells the client why. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
}
