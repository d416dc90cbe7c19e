/** The read model belongs to another event store. */
export class ForeignReadModelError extends Error {
  override readonly name = 'ForeignReadModelError';
  readonly code = 'READ_MODEL.FOREIGN';
}
