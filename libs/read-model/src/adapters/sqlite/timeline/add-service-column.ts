import type { DatabaseSync } from 'node:sqlite';
import { userStream } from '#domain';
import { transaction } from '#projections/adapters/sqlite/transaction';

/** Adds the Service of each fact to tables that an earlier version created. It takes seconds per million facts, once. */
export function addServiceColumn(db: DatabaseSync): void {
  if (hasColumn(db)) return;
  transaction(db, 'IMMEDIATE', () => {
    if (hasColumn(db)) return;
    db.exec(`ALTER TABLE user_facts ADD COLUMN service_sid TEXT NOT NULL DEFAULT ''`);
    db.prepare(
      `UPDATE user_facts SET service_sid =
         (SELECT json_extract(state, '$.serviceSid') FROM heads WHERE key = ? || user_sid)`,
    ).run(userStream(''));
  });
}

function hasColumn(db: DatabaseSync): boolean {
  const found = db
    .prepare("SELECT 1 FROM pragma_table_info('user_facts') WHERE name = 'service_sid'")
    .get();
  return found !== undefined;
}
