/** The tables of a read model were made by a newer program. */
export class NewerReadModelError extends Error {
  override readonly name = 'NewerReadModelError';
  readonly code = 'READ_MODEL.NEWER';
}

/**
 * Returns whether the versions of a read model have the tables of this program. Where they are older, they are to be made
 * anew from the log.
 *
 * @param known number of the tables that the read model has
 * @param wanted number of the tables of this program
 * @throws NewerReadModelError where a newer program has made them
 */
export function hasSchema(known: number, wanted: number): boolean {
  if (known > wanted) {
    throw new NewerReadModelError(
      `The read model has tables of a newer program: number ${known} instead of ${wanted}`,
    );
  }
  return known === wanted;
}
