import type { Page, PageRequest } from '#read-model';

/** A row of a list that is in memory, and its place there, by which page tokens name it. */
export interface Placed<Row> {
  readonly row: Row;
  readonly place: string;
}

/** Returns the page of a list that is in memory and short. */
export function pageOf<Row>(
  rows: readonly Row[],
  { cursor, size }: PageRequest,
): Page<Placed<Row>> {
  const [from, until] =
    'before' in cursor
      ? [Math.max(0, Number(cursor.before) - size), Number(cursor.before)]
      : cursor.after === null
        ? [0, size]
        : [Number(cursor.after) + 1, Number(cursor.after) + 1 + size];
  return {
    rows: rows.slice(from, until).map((row, index) => ({ row, place: String(from + index) })),
    hasPrevious: from > 0,
    hasNext: until < rows.length,
  };
}
