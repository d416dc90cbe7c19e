import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { prepareFile } from './file-format.ts';
import { openLazilySynced } from './open-lazily-synced.ts';
import { WAL_SIZE_LIMIT } from './wal-size.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wal-size-'));
  path = join(directory, 'file.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

function openLog(): DatabaseSync {
  const db = new DatabaseSync(path);
  prepareFile(db, 1_000);
  return db;
}

describe('The write-ahead log after a long read', () => {
  it.each([
    ['the event store', openLog],
    ['the read model and operational state', () => openLazilySynced(path)],
  ])('shrinks by the next writes: %s', (_, open) => {
    const db = open();
    const walSize = (): number => statSync(`${path}-wal`).size;
    db.exec('CREATE TABLE blobs (value BLOB); INSERT INTO blobs VALUES (1)');
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM blobs').all();
    const insert = db.prepare('INSERT INTO blobs VALUES (zeroblob(?))');
    while (walSize() <= 1.5 * WAL_SIZE_LIMIT) insert.run(4 * 1024 * 1024);
    reader.close();
    for (let writes = 0; writes < 3; writes += 1) insert.run(1);
    expect(walSize()).toBeLessThanOrEqual(WAL_SIZE_LIMIT);
    db.close();
  });
});
