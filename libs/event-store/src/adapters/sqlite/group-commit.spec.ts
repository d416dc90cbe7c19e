import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { prepareFile } from './file-format.ts';
import { GroupCommit } from './group-commit.ts';
import type { AppendRequest } from './protocol.ts';
import { WriteFault } from './write-fault.ts';

const READ_ONLY = expect.stringContaining('attempt to write a readonly database');
const FULL = expect.stringContaining('database or disk is full');
const LOCKED = expect.stringContaining('database is locked');
/** More than the time between two checks whether the file can be written. */
const LATER_MS = 1_001;

let directory: string;
let db: DatabaseSync;
let fault: WriteFault;
let commit: GroupCommit;
let now: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'group-commit-'));
  db = new DatabaseSync(join(directory, 'events.db'), { timeout: 0 });
  prepareFile(db, 0);
  fault = new WriteFault(db, 0);
  commit = new GroupCommit(db, fault);
  now = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
  db.close();
  rmSync(directory, { recursive: true });
});

function append(stream: string, bytes = 10): AppendRequest {
  return ['append', [stream, -1, [[stream, 'Noted', 1, 'x'.repeat(bytes), '{}']]]];
}

function setReadOnly(isReadOnly: boolean): void {
  db.exec(`PRAGMA query_only = ${Number(isReadOnly)}`);
}

describe('a group commit to a file that cannot be written', () => {
  it('refuses every request, and says why', () => {
    setReadOnly(true);
    const refused = ['unwritable', READ_ONLY];
    expect(commit.run([append('a'), append('b')])).toEqual([refused, refused]);
    expect(fault.reason).toEqual(READ_ONLY);
  });

  it('does not try again before a check has found that the file can be written', () => {
    setReadOnly(true);
    commit.run([append('a')]);
    fault.probe();
    setReadOnly(false);
    expect(commit.run([append('a')])).toEqual([['unwritable', READ_ONLY]]);
    now += LATER_MS;
    expect(commit.run([append('a')])).toEqual([['appended', 0, 1]]);
    expect(fault.reason).toBeNull();
  });

  it('is found writable by a check without a request', () => {
    setReadOnly(true);
    commit.run([append('a')]);
    fault.probe();
    setReadOnly(false);
    expect(fault.probeInMs).toBeGreaterThan(0);
    now += LATER_MS;
    expect(fault.probeInMs).toBe(0);
    fault.probe();
    expect([fault.reason, fault.probeInMs]).toEqual([null, null]);
  });

  it('has no room for one request: the others are carried out', () => {
    const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
    db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const answers = commit.run([append('large', 1_000_000), append('small')]);
    expect(answers).toEqual([
      ['unwritable', FULL],
      ['appended', 0, 1],
    ]);
    expect(fault.reason).toBeNull();
  });

  it('waits for no lock that another process has held for long, and takes it once it is free', () => {
    const other = new DatabaseSync(join(directory, 'events.db'));
    other.exec('BEGIN IMMEDIATE');
    expect(commit.run([append('a')])).toEqual([['unwritable', LOCKED]]);
    expect([fault.reason, fault.refusesWrites]).toEqual([LOCKED, false]);
    other.close();
    expect(commit.run([append('a')])).toEqual([['appended', 0, 1]]);
    expect(fault.reason).toBeNull();
  });
});
