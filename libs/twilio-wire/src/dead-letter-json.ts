import { formatEventRef, type DeadLetter } from '#projections';

/** An event that a projection has set aside. `waits` is true where only an earlier one could not be folded. */
export function deadLetterJson(projection: string, letter: DeadLetter) {
  const { stream, revision, position, type, effectiveAt, error } = letter;
  return {
    projection,
    event: formatEventRef(letter),
    stream,
    revision,
    position,
    type,
    error,
    waits: error === null,
    date_effective: effectiveAt,
  };
}
