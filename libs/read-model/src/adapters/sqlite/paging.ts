import type { SQLInputValue, DatabaseSync } from 'node:sqlite';
import type { SqlRow } from '#projections/adapters/columns';
import type { Page, PageRequest } from '../../users/users-read-model.ts';
import { pageOfRows } from '#projections/adapters/page-of-rows';

/** A list ordered by a position column. */
interface ListQuery {
  readonly select: string;
  /** Conditions besides those of the page, joined by AND. */
  readonly where: readonly string[];
  readonly values: readonly SQLInputValue[];
  /** Position column, qualified where needed. */
  readonly orderBy: string;
}

/** Reads one page forwards or backwards, and whether there are more rows on either side. */
export function readPage<Row>(
  db: DatabaseSync,
  query: ListQuery,
  page: PageRequest,
  decode: (row: SqlRow) => Row,
): Page<Row> {
  const { cursor, size } = page;
  const backwards = 'before' in cursor;
  const edge = backwards ? cursor.before : cursor.after;
  const bound = edge === null ? [] : [`${query.orderBy} ${backwards ? '<' : '>'} ?`];
  const conditions = [...query.where, ...bound];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const direction = backwards ? 'DESC' : 'ASC';
  const found = db
    .prepare(`${query.select} ${where} ORDER BY ${query.orderBy} ${direction} LIMIT ?`)
    .all(...query.values, ...(edge === null ? [] : [edge]), size + 1);
  return pageOfRows(found, page, decode);
}
