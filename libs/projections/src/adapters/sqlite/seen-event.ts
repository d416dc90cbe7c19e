import type { DatabaseSync } from 'node:sqlite';
import type { SeenEvent } from '#event-store';
import { textOrNull, type SqlRow } from './columns.ts';
import { transaction } from './transaction.ts';

/** The last event that a checkpoint includes; null where the row does not have it. */
export function seenEvent(row: SqlRow): SeenEvent | null {
  const position = textOrNull(row, 'event_position');
  const id = textOrNull(row, 'event_id');
  return position === null || id === null ? null : { position, id };
}

/** Adds the columns of {@link seenEvent} to a table of checkpoints that an earlier version created. */
export function addSeenEventColumns(db: DatabaseSync, table: string): void {
  if (hasColumns(db, table)) return;
  transaction(db, 'IMMEDIATE', () => {
    if (hasColumns(db, table)) return;
    db.exec(`ALTER TABLE ${table} ADD COLUMN event_position TEXT`);
    db.exec(`ALTER TABLE ${table} ADD COLUMN event_id TEXT`);
  });
}

function hasColumns(db: DatabaseSync, table: string): boolean {
  const found = db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = 'event_id'").get(table);
  return found !== undefined;
}
