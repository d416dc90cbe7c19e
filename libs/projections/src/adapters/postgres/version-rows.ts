import type { Queries } from '#postgres';
import { START, type Checkpoint } from '../../projection-store.ts';
import type { VersionStatus } from '../../projection-versions.ts';
import { integer, textOrNull, type SqlRow } from '../columns.ts';
import { seenEvent } from '../seen-event.ts';

/** Returns the checkpoint in the row of a version's table or of its view. */
export function toCheckpoint(row: SqlRow | undefined): Checkpoint {
  if (row === undefined) return START;
  return {
    position: textOrNull(row, 'position'),
    effectiveAt: textOrNull(row, 'effective_at'),
    generation: integer(row, 'generation'),
    lastEvent: seenEvent(row),
  };
}

/** Returns the checkpoint of the version in a schema. */
export async function readCheckpoint(queries: Queries, schema: string): Promise<Checkpoint> {
  const [row] = await queries.query(`SELECT * FROM ${schema}.checkpoint`);
  return toCheckpoint(row);
}

/** Moves a checkpoint if it still is the expected one, and returns whether it was. Locks it until the transaction ends. */
export async function advanceCheckpoint(
  queries: Queries,
  schema: string,
  expected: Checkpoint,
  next: Checkpoint,
): Promise<boolean> {
  const moved = await queries.write(
    `UPDATE ${schema}.checkpoint SET position = $1, effective_at = $2, generation = $3,
       moved_at = $4, event_position = $5, event_id = $6, down_reason = NULL, down_since = NULL
     WHERE position IS NOT DISTINCT FROM $7 AND generation = $8`,
    [
      next.position,
      next.effectiveAt,
      next.generation,
      new Date().toISOString(),
      next.lastEvent?.position ?? null,
      next.lastEvent?.id ?? null,
      expected.position,
      expected.generation,
    ],
  );
  return moved === 1;
}

/** Records why a projection is down, and since when; null when it no longer is. */
export async function writeDownReason(
  queries: Queries,
  schema: string,
  reason: string | null,
): Promise<void> {
  await queries.write(
    `UPDATE ${schema}.checkpoint SET down_reason = $1,
       down_since = CASE WHEN $1::text IS NULL THEN NULL ELSE coalesce(down_since, $2) END`,
    [reason, new Date().toISOString()],
  );
}

export async function readStatus(
  queries: Queries,
  schema: string,
): Promise<Omit<VersionStatus, 'version' | 'state'>> {
  const [row] = await queries.query(
    `SELECT *, (SELECT count(*) FROM ${schema}.dead_letters) AS dead_letters
     FROM ${schema}.checkpoint`,
  );
  const found = row ?? {};
  return {
    position: textOrNull(found, 'position'),
    movedAt: textOrNull(found, 'moved_at'),
    downReason: textOrNull(found, 'down_reason'),
    downSince: textOrNull(found, 'down_since'),
    deadLetters: integer(found, 'dead_letters'),
  };
}
