/** A use case refuses its input although each parameter alone is valid. The message tells the client why. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}
