import type { DeadLetter, DeadLetterCursor, DeadLetterPage } from '../dead-letter.ts';

/**
 * Returns the page of those rows that follow a cursor in its direction.
 *
 * @param found one more than `size`, if there are so many
 */
export function pageOfDeadLetters(
  found: readonly DeadLetter[],
  cursor: DeadLetterCursor,
  size: number,
): DeadLetterPage {
  const rows = found.slice(0, size);
  const more = found.length > size;
  return 'after' in cursor
    ? { rows, hasPrevious: cursor.after !== null, hasNext: more }
    : { rows: rows.reverse(), hasPrevious: more, hasNext: true };
}
