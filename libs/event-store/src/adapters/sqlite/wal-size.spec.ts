import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../../event-store.ts';
import { until } from '../../../../../test/support/until.ts';
import { prepareFile } from './file-format.ts';
import { openLazilySynced } from './open-lazily-synced.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';
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

describe('The write-ahead log of an event store after a long read', () => {
  const MIB = 1024 * 1024;
  const metadata = {
    occurredAt: '2026-01-01T00:00:00.000Z',
    correlationId: 'c',
    causationId: 'c',
    actor: 'worker',
  };
  const walSize = (file: string): number => statSync(`${file}-wal`).size;
  const isSmall = (file: string): Promise<boolean> =>
    until('the write-ahead log to shrink', () => walSize(file) < MIB || undefined);

  /** Appends while another connection reads, until the write-ahead log is too large; returns the end of the read. */
  async function grow(store: EventStore): Promise<() => void> {
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM events').get();
    const data = { note: 'x'.repeat(4 * MIB) };
    for (let made = 0; walSize(path) <= WAL_SIZE_LIMIT; made += 1) {
      const event = { id: `id-${made}`, type: 'Noted', schemaVersion: 1, data, metadata };
      await store.append(`stream-${made}`, 'no_stream', [event]);
    }
    return () => reader.close();
  }

  it('shrinks although nothing more is written', async () => {
    const store = await openSqliteEventStore({ path });
    const endRead = await grow(store);
    endRead();
    await isSmall(path);
    await store.close();
  });

  it('shrinks after the start that follows a crash', async () => {
    const crashed = await openSqliteEventStore({ path });
    const endRead = await grow(crashed);
    const copy = join(directory, 'copy.db');
    for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
    endRead();
    await crashed.close();
    const store = await openSqliteEventStore({ path: copy });
    await isSmall(copy);
    await store.close();
  });
});
