import type { SqlRow } from './columns.ts';

/** Where a page begins: after a row, null for the first page, or before one. */
export type RowCursor = { readonly after: unknown } | { readonly before: unknown };

/** Rows of a list, and whether there are more on either side. */
export interface PageOfRows<Row> {
  readonly rows: readonly Row[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

/**
 * Returns a page of the rows that a list has beyond its cursor, and whether there are more on either side.
 *
 * @param found nearest to the cursor first; one more than the page holds, if there are so many
 */
export function pageOfRows<Row>(
  found: readonly SqlRow[],
  { cursor, size }: { readonly cursor: RowCursor; readonly size: number },
  decode: (row: SqlRow) => Row,
): PageOfRows<Row> {
  const more = found.length > size;
  const rows = found.slice(0, size).map((row) => decode(row));
  if ('before' in cursor) return { rows: rows.reverse(), hasPrevious: more, hasNext: true };
  return { rows, hasPrevious: cursor.after !== null, hasNext: more };
}
