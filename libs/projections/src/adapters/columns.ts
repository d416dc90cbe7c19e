/** A row as a driver returns it: values by column. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A column does not have the type of its schema: another program wrote it. */
export class UnexpectedColumnError extends Error {
  override readonly name = 'UnexpectedColumnError';
  readonly code = 'READ_MODEL.UNEXPECTED_COLUMN';

  constructor(column: string, expected: string) {
    super(`Column ${column} is not ${expected}`);
  }
}

/** @throws UnexpectedColumnError */
export function text(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new UnexpectedColumnError(column, 'text');
  return value;
}

/** @throws UnexpectedColumnError */
export function textOrNull(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/**
 * The value of a column that must be one of `values`.
 *
 * @throws UnexpectedColumnError
 */
export function oneOf<Value extends string>(
  row: SqlRow,
  column: string,
  values: readonly Value[],
): Value {
  const found = values.find((value) => value === row[column]);
  if (found === undefined) throw new UnexpectedColumnError(column, `one of ${values.join(', ')}`);
  return found;
}

/** @throws UnexpectedColumnError */
export function integer(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new UnexpectedColumnError(column, 'an integer');
  return value;
}

/** @throws UnexpectedColumnError */
export function integerOrNull(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

/** Returns a truth value, which SQLite keeps as 0 or 1. @throws UnexpectedColumnError */
export function flag(row: SqlRow, column: string): boolean {
  const value = row[column];
  return typeof value === 'boolean' ? value : integer(row, column) !== 0;
}
