import type { Queries } from '#postgres';
import type { DeadLetter, DeadLetterCursor, DeadLetterPage, EventRef } from '../../dead-letter.ts';
import type { DeadLetterChanges } from '../../projection-store.ts';
import { text } from '../columns.ts';
import { toDeadLetter } from '../dead-letter-row.ts';
import { pageOfRows } from '../page-of-rows.ts';

/** Returns the dead letters of a version in log order. */
export async function readDeadLetters(queries: Queries, schema: string): Promise<DeadLetter[]> {
  const rows = await queries.query(`SELECT * FROM ${schema}.dead_letters ORDER BY position`);
  return rows.map(toDeadLetter);
}

export async function readDeadLetterPage(
  queries: Queries,
  schema: string,
  cursor: DeadLetterCursor,
  size: number,
): Promise<DeadLetterPage> {
  const forward = 'after' in cursor;
  const rows = await queries.query(
    `SELECT * FROM ${schema}.dead_letters WHERE position ${forward ? '>' : '<'} $1
     ORDER BY position ${forward ? 'ASC' : 'DESC'} LIMIT $2`,
    [forward ? (cursor.after ?? '') : cursor.before, size + 1],
  );
  return pageOfRows(rows, { cursor, size }, toDeadLetter);
}

/** Returns the dead letter of an event; null if it is none. */
export async function readDeadLetter(
  queries: Queries,
  schema: string,
  { stream, revision }: EventRef,
): Promise<DeadLetter | null> {
  const [row] = await queries.query(
    `SELECT * FROM ${schema}.dead_letters WHERE stream = $1 AND revision = $2`,
    [stream, revision],
  );
  return row === undefined ? null : toDeadLetter(row);
}

export async function readBlockedKeys(queries: Queries, schema: string): Promise<Set<string>> {
  const rows = await queries.query(`SELECT DISTINCT key FROM ${schema}.dead_letters`);
  return new Set(rows.map((row) => text(row, 'key')));
}

export async function writeDeadLetters(
  queries: Queries,
  schema: string,
  { added, removeOthers = false }: DeadLetterChanges,
): Promise<void> {
  if (removeOthers) await queries.write(`DELETE FROM ${schema}.dead_letters`);
  for (const letter of added) {
    await queries.write(
      `INSERT INTO ${schema}.dead_letters VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (position) DO UPDATE SET error = excluded.error`,
      [
        letter.position,
        letter.key,
        letter.stream,
        letter.revision,
        letter.type,
        letter.effectiveAt,
        letter.error,
      ],
    );
  }
}
