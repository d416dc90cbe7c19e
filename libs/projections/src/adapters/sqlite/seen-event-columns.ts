import type { DatabaseSync } from 'node:sqlite';
import { transaction } from './transaction.ts';

/** Adds the columns of `seenEvent` to a table of checkpoints that an earlier version created. */
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
