import type { SqlRow } from '#projections/adapters/columns';
import type { Parameter, Queries } from '#postgres';
import type { Page, PageRequest } from '../../users/users-read-model.ts';
import { pageOfRows } from '#projections/adapters/page-of-rows';

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
  page: PageRequest,
  decode: (row: SqlRow) => Row,
): Promise<Page<Row>> {
  const { cursor, size } = page;
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
  return pageOfRows(found, page, decode);
}
