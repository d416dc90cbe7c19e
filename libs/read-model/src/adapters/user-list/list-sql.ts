import type { UserConditions, UserOrder } from '../../users/user-selection.ts';
import type { PageRequest } from '../../users/users-read-model.ts';

/** A statement and the values of its parameters, in order. */
export interface Sql {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/** The table of Users of an engine, and how a statement refers to its nth parameter. */
export interface UsersTable {
  readonly name: string;
  readonly mark: (n: number) => string;
}

/** Users of a Service that meet some conditions, in an order. */
export interface UserListQuery {
  readonly serviceSid: string;
  readonly conditions: UserConditions;
  readonly order: UserOrder;
  readonly page: PageRequest;
}

/** Rows of one range of an index, in order of that index. */
interface IndexRange {
  readonly where: readonly string[];
  /** Columns of the index, so that no other index is chosen for the range. */
  readonly orderBy: readonly string[];
}

const POSITIONS = { created: 'created_position', lastChange: 'changed_position' } as const;

/** Builds one statement for a page of Users. It reads ranges of indexes, each with a limit. */
export class UserListSql {
  readonly #table: UsersTable;
  readonly #query: UserListQuery;
  readonly #values: (string | number)[] = [];

  constructor(table: UsersTable, query: UserListQuery) {
    this.#table = table;
    this.#query = query;
  }

  /** Reads the page from an index in order of the list; all its conditions must be those of the index. */
  ordered(): Sql {
    const { size } = this.#query.page;
    return this.#pageOf(this.#inOrder(size + 1));
  }

  /** Reads the page from the next `most` rows in order of the list, those that meet all conditions. */
  scanned(most: number): Sql {
    return this.#pageOf(this.#inOrder(most));
  }

  /** Returns as `rows` how many rows {@link scanned} looks at, and as `lowest` and `highest` their positions. */
  scannedRows(most: number): Sql {
    const position = this.#position;
    return this.#sql(
      `SELECT count(*) AS rows, min(${position}) AS lowest, max(${position}) AS highest
       FROM (${this.#inOrder(most)}) AS looked_at`,
    );
  }

  /** Returns as `rows` how many rows meet one of the conditions, up to `most` and one more. */
  count(condition: keyof UserConditions, most: number): Sql {
    return this.#sql(
      `SELECT count(*) AS rows FROM (${this.#all(this.#rangesOf(condition), most + 1)}) AS counted`,
    );
  }

  /** Reads the page from all rows that meet one of the conditions, of which there are at most `most`. */
  sorted(condition: keyof UserConditions, most: number): Sql {
    return this.#pageOf(this.#all(this.#rangesOf(condition), most));
  }

  get #position(): (typeof POSITIONS)[UserOrder['by']] {
    return POSITIONS[this.#query.order.by];
  }

  get #direction(): 'ASC' | 'DESC' {
    return this.#isDescending ? 'DESC' : 'ASC';
  }

  /** Whether rows are read in descending order, as pages before a cursor of an ascending list are. */
  get #isDescending(): boolean {
    const { order, page } = this.#query;
    return order.descending !== 'before' in page.cursor;
  }

  /** The first rows of the list after the cursor, by the index in that order. */
  #inOrder(limit: number): string {
    const { conditions, order } = this.#query;
    const position = this.#position;
    const isOfStates = order.by === 'created' && conditions.answer?.kind === 'answered';
    const prefix = isOfStates ? ['service_sid', 'answer_flag', 'answer_state'] : ['service_sid'];
    const bases = isOfStates ? this.#rangesOf('answer') : [{ where: this.#ofService() }];
    const ranges = bases.map(({ where }) => ({
      where: [...where, ...this.#beyondCursor()],
      orderBy: [...prefix, position].map((column) => `${column} ${this.#direction}`),
    }));
    const order_ = `ORDER BY ${position} ${this.#direction} LIMIT ${this.#bind(limit)}`;
    return `SELECT * FROM (${this.#all(ranges, limit)}) AS merged ${order_}`;
  }

  /** Ranges of one index that together have the rows which meet a condition. */
  #rangesOf(condition: keyof UserConditions): readonly IndexRange[] {
    const { answer, identities } = this.#query.conditions;
    if (condition === 'identities') {
      const where = [...this.#ofService(), ...this.#ofIdentities(identities)];
      return [{ where, orderBy: ['service_sid', 'identity'] }];
    }
    const orderBy = ['service_sid', 'answer_flag', 'answer_state', 'created_position'];
    if (answer === null) return [];
    if (answer.kind === 'unanswered') {
      const where = [...this.#ofService(), `answer_flag < ${this.#bind(answer.flag)}`];
      return [{ where, orderBy }];
    }
    return answer.states.map((state) => ({
      where: [
        ...this.#ofService(),
        `answer_flag = ${this.#bind(answer.flag)}`,
        `answer_state = ${this.#bind(state)}`,
      ],
      orderBy,
    }));
  }

  /** The first rows of each range. Narrow, because most of them are only looked at. */
  #all(ranges: readonly IndexRange[], limit: number): string {
    const columns = 'sid, identity, answer_flag, answer_state, created_position, changed_position';
    const selects = ranges.map(
      ({ where, orderBy }) =>
        `SELECT * FROM (SELECT ${columns} FROM ${this.#table.name} WHERE ${where.join(' AND ')}
         ORDER BY ${orderBy.join(', ')} LIMIT ${this.#bind(limit)}) AS range`,
    );
    return selects.join(' UNION ALL ');
  }

  /** The whole rows of the page that some narrow rows hold. */
  #pageOf(rows: string): Sql {
    const { conditions, page } = this.#query;
    const order = `${this.#position} ${this.#direction}`;
    const where = [
      ...this.#beyondCursor(),
      ...this.#ofAnswer(conditions.answer),
      ...this.#ofIdentities(conditions.identities),
    ];
    const filter = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
    const limit = this.#bind(page.size + 1);
    // CROSS JOIN fixes the join order in SQLite: one look-up per row of the page.
    return this.#sql(
      `SELECT u.* FROM (SELECT sid FROM (${rows}) AS found ${filter} ORDER BY ${order} LIMIT ${limit}) AS page
       CROSS JOIN ${this.#table.name} u WHERE u.sid = page.sid ORDER BY u.${order}`,
    );
  }

  #ofService(): readonly string[] {
    return [`service_sid = ${this.#bind(this.#query.serviceSid)}`];
  }

  #ofAnswer(answer: UserConditions['answer']): readonly string[] {
    if (answer === null) return [];
    const flag = this.#bind(answer.flag);
    if (answer.kind === 'unanswered') return [`answer_flag < ${flag}`];
    return [`answer_flag = ${flag}`, `answer_state IN (${answer.states.join(', ')})`];
  }

  #ofIdentities(range: UserConditions['identities']): readonly string[] {
    if (range === null) return [];
    const end = range.before === null ? [] : [`identity < ${this.#bind(range.before)}`];
    return [`identity >= ${this.#bind(range.from)}`, ...end];
  }

  #beyondCursor(): readonly string[] {
    const { cursor } = this.#query.page;
    const edge = 'before' in cursor ? cursor.before : cursor.after;
    if (edge === null) return [];
    return [`${this.#position} ${this.#isDescending ? '<' : '>'} ${this.#bind(edge)}`];
  }

  #bind(value: string | number): string {
    this.#values.push(value);
    return this.#table.mark(this.#values.length);
  }

  #sql(text: string): Sql {
    return { text, values: this.#values };
  }
}
