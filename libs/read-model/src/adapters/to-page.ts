import type { SqlRow } from '#projections/adapters/columns';
import type { Page, PageRequest } from '../users/users-read-model.ts';

/**
 * Returns a page of the rows that a list has beyond its cursor, and whether there are more on either side.
 *
 * @param found nearest to the cursor first; one more than the page holds, if there are so many
 */
export function toPage<Row>(
  found: readonly SqlRow[],
  { cursor, size }: PageRequest,
  decode: (row: SqlRow) => Row,
): Page<Row> {
  const more = found.length > size;
  const rows = found.slice(0, size).map((row) => decode(row));
  if ('before' in cursor) return { rows: rows.reverse(), hasPrevious: more, hasNext: true };
  return { rows, hasPrevious: cursor.after !== null, hasNext: more };
}
