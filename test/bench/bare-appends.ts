import { DatabaseSync } from 'node:sqlite';
import { EVENTS_TABLE } from '#event-store/adapters/sqlite/file-format';
import type { Append } from './append-load.ts';

/** The minimum that SQLite needs for durable appends: one prepared INSERT, each committed and synced on its own. */
export function openBareAppends(path: string): {
  readonly append: (what: Append) => void;
  readonly close: () => void;
} {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec(EVENTS_TABLE);
  const insert = db.prepare(
    `INSERT INTO events (stream, revision, id, type, schema_version, data, metadata)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    append: ({ stream, event: { id, type, schemaVersion, data, metadata } }) => {
      const json = [JSON.stringify(data), JSON.stringify(metadata)] as const;
      insert.run(stream, 0, id, type, schemaVersion, ...json);
    },
    close: () => db.close(),
  };
}
