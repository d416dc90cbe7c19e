import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openLazilySynced } from './open-lazily-synced.ts';
import { QuietCheckpoint } from './quiet-checkpoint.ts';

let directory: string;
let path: string;
let db: DatabaseSync;
let checkpoint: QuietCheckpoint;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'quiet-checkpoint-'));
  path = join(directory, 'file.db');
  db = openLazilySynced(path);
  db.exec('CREATE TABLE blobs (value BLOB)');
  checkpoint = new QuietCheckpoint(db);
});
afterEach(() => {
  db.close();
  rmSync(directory, { recursive: true });
});

const logSize = (): number => statSync(`${path}-wal`).size;
const write = (bytes: number): unknown =>
  db.prepare('INSERT INTO blobs VALUES (zeroblob(?))').run(bytes);

/** Another process in a long read. */
function startReading(): DatabaseSync {
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM blobs').get();
  return reader;
}

describe('the write-ahead log at a quiet time', () => {
  it('is emptied once it did not change between two looks', () => {
    write(2 * 1024 * 1024);
    expect(checkpoint.look()).toBe(true);
    expect(logSize()).toBeGreaterThan(2 * 1024 * 1024);
    expect(checkpoint.look()).toBe(false);
    expect(logSize()).toBe(0);
  });

  it('is left alone while it is small', () => {
    write(1_000);
    const size = logSize();
    expect([checkpoint.look(), checkpoint.look()]).toEqual([false, false]);
    expect(logSize()).toBe(size);
  });

  it('is left alone up to the size that is to be kept', () => {
    const keeping = new QuietCheckpoint(db, 3 * 1024 * 1024);
    write(2 * 1024 * 1024);
    const size = logSize();
    expect([keeping.look(), keeping.look()]).toEqual([false, false]);
    expect(logSize()).toBe(size);
    write(4 * 1024 * 1024);
    expect([keeping.look(), keeping.look()]).toEqual([true, false]);
    expect(logSize()).toBe(0);
  });

  it('is emptied after the end of a read that began before the last write, and stops no write before', () => {
    const reader = startReading();
    write(2 * 1024 * 1024);
    expect([checkpoint.look(), checkpoint.look()]).toEqual([true, true]);
    write(1_000);
    reader.close();
    expect([checkpoint.look(), checkpoint.look()]).toEqual([true, false]);
    expect(logSize()).toBe(0);
  });

  it('waits for no reader, although its connection waits for locks', () => {
    write(2 * 1024 * 1024);
    const reader = startReading();
    checkpoint.look();
    const busyTimeout = db.prepare('PRAGMA busy_timeout').get();
    const startedAt = performance.now();
    expect(checkpoint.look()).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(db.prepare('PRAGMA busy_timeout').get()).toEqual(busyTimeout);
    reader.close();
  });

  it('stays whole while it cannot be copied, and is copied later', () => {
    write(2 * 1024 * 1024);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    expect([checkpoint.look(), checkpoint.look()]).toEqual([true, true]);
    other.close();
    expect(checkpoint.look()).toBe(false);
    expect(db.prepare('SELECT count(*) AS n FROM blobs').get()).toEqual({ n: 1 });
  });
});
