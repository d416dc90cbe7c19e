import type { DatabaseSync } from 'node:sqlite';
import { NewerOperationalStateError } from '../../errors.ts';

/**
 * Number of the tables of `state.db`, which is its `user_version`. Increase it with every change that an older program
 * cannot work with, and bring older files to it in place. Files of before the number was kept have 0, and the tables of 1.
 */
export const STATE_SCHEMA = 1;

/**
 * Checks a file before anything is written to it.
 *
 * @throws NewerOperationalStateError where a newer program has written it
 */
export function assertKnownSchema(db: DatabaseSync): void {
  const found = schemaOf(db);
  if (found > STATE_SCHEMA) throw new NewerOperationalStateError({ found, known: STATE_SCHEMA });
}

/** Marks a file that has the tables of this program. Where it is marked, nothing is written. */
export function markSchema(db: DatabaseSync): void {
  if (schemaOf(db) !== STATE_SCHEMA) db.exec(`PRAGMA user_version = ${STATE_SCHEMA}`);
}

function schemaOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
}
