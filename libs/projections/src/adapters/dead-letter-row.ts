import type { DeadLetter } from '../dead-letter.ts';
import { integer, text, textOrNull, type SqlRow } from './columns.ts';

/** Returns the dead letter in a row, whose columns have the same names in every engine. @throws UnexpectedColumnError */
export function toDeadLetter(row: SqlRow): DeadLetter {
  return {
    key: text(row, 'key'),
    stream: text(row, 'stream'),
    revision: integer(row, 'revision'),
    position: text(row, 'position'),
    type: text(row, 'type'),
    effectiveAt: text(row, 'effective_at'),
    error: textOrNull(row, 'error'),
  };
}
