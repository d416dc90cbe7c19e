import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { adoptEventLog, copyEventLog, type CopyOptions } from './copy-log.ts';
import { readExistingEpochs } from './file-format.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';

const EVENTS = 8_000;

let directory: string;
let path: string;
let copy: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'reachability-copy-'));
  path = join(directory, 'events.db');
  copy = join(directory, 'copy.db');
  await (await openSqliteEventStore({ path })).close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Appends rows that take more than one step to copy. */
function append(count: number, from = 1): void {
  const db = new DatabaseSync(path);
  const insert = db.prepare(`INSERT INTO events VALUES (?, 's', ?, 'id', 'Type', 1, ?, '{}')`);
  db.exec('BEGIN');
  for (let row = from; row < from + count; row += 1) insert.run(row, row, 'x'.repeat(2_000));
  db.exec('COMMIT');
  db.close();
}

const options = (changed: Partial<CopyOptions> = {}): CopyOptions => ({
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ...changed,
});

describe('A copy of a log', () => {
  it('is the log at the start of the copy, however often the log is written to meanwhile', async () => {
    append(EVENTS);
    let steps = 0;
    const onProgress = (done: number, total: number): void => {
      steps += 1;
      expect(done).toBeLessThanOrEqual(total);
      append(1, EVENTS + steps);
    };
    const contents = await copyEventLog(path, copy, options({ onProgress }));
    expect(steps).toBeGreaterThan(1);
    expect(contents).toMatchObject({ events: EVENTS, position: String(EVENTS).padStart(20, '0') });
    const epoch = adoptEventLog(copy, contents);
    expect(epoch).toMatch(/^[0-9a-f]{8}$/);
    expect(epoch).not.toBe(contents.epoch);
    const db = new DatabaseSync(copy);
    expect(readExistingEpochs(db).epoch).toBe(epoch);
    db.close();
  });

  it('may be empty', async () => {
    const contents = await copyEventLog(path, copy, options());
    expect(contents).toMatchObject({ events: 0, position: null });
    expect(adoptEventLog(copy, contents)).not.toBeNull();
  });

  it('ends when it is aborted', async () => {
    append(EVENTS);
    const controller = new AbortController();
    const aborted = options({
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('Interrupted')),
    });
    await expect(copyEventLog(path, copy, aborted)).rejects.toThrow('Interrupted');
  });

  it('is not adopted where it is damaged or has other contents', async () => {
    append(100);
    const contents = await copyEventLog(path, copy, options());
    expect(adoptEventLog(copy, { ...contents, events: 99 })).toBeNull();
    expect(adoptEventLog(copy, { ...contents, epoch: 'other' })).toBeNull();
    expect(adoptEventLog(copy, { ...contents, position: null })).toBeNull();
    truncateSync(copy, 40_960);
    expect(adoptEventLog(copy, contents)).toBeNull();
    writeFileSync(copy, 'x'.repeat(10_000));
    expect(adoptEventLog(copy, contents)).toBeNull();
  });
});
