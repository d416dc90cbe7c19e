import { integer, textOrNull, type SqlRow } from '#projections/adapters/columns';
import type { UserConditions } from '../../users/user-selection.ts';
import type { UserPage } from '../../users/users-read-model.ts';
import { toUserSummary } from '../row-codecs.ts';
import { pageOfRows } from '#projections/adapters/page-of-rows';
import { UserListSql, type Sql, type UserListQuery, type UsersTable } from './list-sql.ts';

/** Rows that are looked at for one page where no index has exactly those of the page. */
const MOST_ROWS = 1_000;

/** The page of a list that no User can be on. */
export const NO_USERS: UserPage = { rows: [], hasPrevious: false, hasNext: false, edges: null };

/** Yields statements to run, takes their rows, and returns a page: the same for engines that answer at once or later. */
export type UserListReading = Generator<Sql, UserPage, readonly SqlRow[]>;

/**
 * Reads a page of Users. The work does not grow with the number of Users: either an index has the rows in order of the
 * list, or a condition selects few rows, which are sorted, or the page has the matching ones among the next 1,000 rows. In
 * the last case it may be short, and still have a page after it.
 */
export function* readUserList(table: UsersTable, query: UserListQuery): UserListReading {
  const { conditions, order, page } = query;
  const sql = (): UserListSql => new UserListSql(table, query);
  const { answer, identities } = conditions;
  const isInOrder =
    identities === null &&
    (answer === null || (answer.kind === 'answered' && order.by === 'created'));
  if (isInOrder) return exact(yield sql().ordered(), query);
  for (const condition of ['identities', 'answer'] as const) {
    if (!(yield* selectsFew(condition, query, sql))) continue;
    return exact(yield sql().sorted(condition, MOST_ROWS), query);
  }
  const found = exact(yield sql().scanned(MOST_ROWS), query);
  const isBackwards = 'before' in page.cursor;
  if (isBackwards ? found.hasPrevious : found.hasNext) return found;
  const [looked] = yield sql().scannedRows(MOST_ROWS);
  const [lowest, highest] = ['lowest', 'highest'].map((edge) => textOrNull(looked ?? {}, edge));
  if (typeof lowest !== 'string' || typeof highest !== 'string') return found;
  const [first, last] = order.descending ? [highest, lowest] : [lowest, highest];
  const hasMore = integer(looked ?? {}, 'rows') === MOST_ROWS;
  return {
    rows: found.rows,
    hasPrevious: isBackwards ? hasMore : found.hasPrevious,
    hasNext: isBackwards ? found.hasNext : hasMore,
    edges: { first, last },
  };
}

function* selectsFew(
  condition: keyof UserConditions,
  { conditions }: UserListQuery,
  sql: () => UserListSql,
): Generator<Sql, boolean, readonly SqlRow[]> {
  if (conditions[condition] === null) return false;
  const [counted] = yield sql().count(condition, MOST_ROWS);
  return integer(counted ?? {}, 'rows') <= MOST_ROWS;
}

function exact(rows: readonly SqlRow[], { page, order }: UserListQuery): UserPage {
  const found = pageOfRows(rows, page, toUserSummary);
  const [first, last] = [found.rows[0], found.rows.at(-1)];
  const positionOf = order.by === 'created' ? 'createdPosition' : 'changedPosition';
  const edges =
    first === undefined || last === undefined
      ? null
      : { first: first[positionOf], last: last[positionOf] };
  return { ...found, edges };
}
