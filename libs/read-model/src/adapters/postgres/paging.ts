import type { SqlRow } from '#projections/adapters/columns';
import type { Parameter, Queries } from '#postgres';
import type { Page, PageRequest } from '../../users/users-read-model.ts';

/** A list ordered by a position column. */
interface ListQuery {
  readonly select: string;
  /** Conditions besides those of the page, joined by AND. */
  readonly where: readonly string[];
  /** Values of the parameters $1, $2... in the conditions. */
  readonly values: readonly Parameter[];
  /** Position column, qualified where needed. */
  readonly orderBy: string;
}

/** Reads one page forwards or backwards, and whether there are more rows on either side. */
export async function readPage<Row>(
  queries: Queries,
  query: ListQuery,
  { cursor, size }: PageRequest,
  decode: (row: SqlRow) => Row,
): Promise<Page<Row>> {
  const backwards = 'before' in cursor;
  const edge = backwards ? cursor.before : cursor.after;
  const values = [...query.values, size + 1];
  const limit = `$${values.length}`;
  const conditions = [...query.where];
  if (edge !== null) {
    values.push(edge);
    conditions.push(`${query.orderBy} ${backwards ? '<' : '>'} $${values.length}`);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const direction = backwards ? 'DESC' : 'ASC';
  const found = await queries.query(
    `${query.select} ${where} ORDER BY ${query.orderBy} ${direction} LIMIT ${limit}`,
    values,
  );
  const more = found.length > size;
  const rows = found.slice(0, size).map((row) => decode(row));
  if (backwards) rows.reverse();
  return {
    rows,
    hasPrevious: backwards ? more : edge !== null,
    hasNext: backwards ? true : more,
  };
}
