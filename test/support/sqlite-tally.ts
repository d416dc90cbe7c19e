import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ProjectionRegistry } from '#projections/adapters/sqlite/projection-registry';
import { SqliteVersions } from '#projections/adapters/sqlite/sqlite-versions';
import type { SqliteTables } from '#projections/adapters/sqlite/version-file';
import type { Tally } from './tally-projection.ts';

/** The versions of the tally projection in SQLite, in their own directory. */
export interface SqliteTally {
  readonly versions: SqliteVersions<Tally>;
  readonly registry: ProjectionRegistry;
  /** Opens the same files again, as another process would. */
  again(): SqliteTally;
  close(): void;
}

export function sqliteTally(epoch = 'epoch', directory = newDirectory()): SqliteTally {
  const registry = new ProjectionRegistry(join(directory, 'read-model.db'), epoch);
  const versions = new SqliteVersions<Tally>(registry, {
    name: 'tally',
    schema:
      'CREATE TABLE tallies (key TEXT PRIMARY KEY, tally TEXT NOT NULL) STRICT, WITHOUT ROWID;',
    tables,
  });
  return {
    versions,
    registry,
    again: () => sqliteTally(epoch, directory),
    close: () => {
      versions.close();
      registry.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'tally-'));
}

function tables(db: DatabaseSync): SqliteTables<Tally> {
  const get = db.prepare('SELECT tally FROM tallies WHERE key = ?');
  const put = db.prepare('INSERT OR REPLACE INTO tallies VALUES (?, ?)');
  const drop = db.prepare('DELETE FROM tallies WHERE key = ?');
  return {
    load: (keys) =>
      new Map(
        keys.flatMap((key) => {
          const row = get.get(key);
          return row === undefined ? [] : [[key, JSON.parse(String(row['tally'])) as Tally]];
        }),
      ),
    save: (changes) => {
      for (const [key, tally] of changes) {
        if (tally === null) drop.run(key);
        else put.run(key, JSON.stringify(tally));
      }
    },
  };
}
