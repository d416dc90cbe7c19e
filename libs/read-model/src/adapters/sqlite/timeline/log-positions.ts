import type { DatabaseSync } from 'node:sqlite';
import { PositionNumbers, type Position } from '#event-store';
import { integer, text, type SqlRow } from '#projections/adapters/columns';

/** Converts the positions in the tables of one version. Their width is that of its checkpoint, which is written first. */
export class LogPositions {
  readonly #checkpoint;
  #numbers: PositionNumbers | null = null;

  constructor(db: DatabaseSync) {
    this.#checkpoint = db.prepare('SELECT position FROM checkpoint WHERE position IS NOT NULL');
  }

  /** @throws Error before the first event */
  get numbers(): PositionNumbers {
    if (this.#numbers !== null) return this.#numbers;
    const row = this.#checkpoint.get();
    if (row === undefined) throw new Error('There is no checkpoint yet');
    this.#numbers = new PositionNumbers(text(row, 'position'));
    return this.#numbers;
  }

  in(row: SqlRow, column: string): Position {
    return this.numbers.toPosition(integer(row, column));
  }

  orNullIn(row: SqlRow, column: string): Position | null {
    return row[column] === null ? null : this.in(row, column);
  }
}
