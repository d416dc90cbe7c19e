import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NewerOperationalStateError } from '../../errors.ts';
import { openSqliteOperationalState } from './index.ts';
import { STATE_SCHEMA } from './state-schema.ts';
import { openOperationalStateInThread } from './thread/index.ts';

describe('A file of operational state', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'state-schema-'));
    path = join(directory, 'state.db');
    openSqliteOperationalState(path).close();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function read(pragma: string): unknown {
    const db = new DatabaseSync(path);
    const value = db.prepare(`PRAGMA ${pragma}`).get()?.[pragma];
    db.close();
    return value;
  }

  function write(sql: string): void {
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
  }

  it('has the number of its tables, also where a program of before the numbers made it', () => {
    expect(read('user_version')).toBe(STATE_SCHEMA);
    write('PRAGMA user_version = 0');
    openSqliteOperationalState(path).close();
    expect(read('user_version')).toBe(STATE_SCHEMA);
  });

  it('of a newer program is refused, in a thread too, and is left as it is', async () => {
    const newer = STATE_SCHEMA + 1;
    write(`DROP TABLE ttls; PRAGMA user_version = ${newer}`);
    const before = readFileSync(path);
    const refusal = {
      name: 'NewerOperationalStateError',
      message: `Operational state has tables of a newer program: number ${newer} instead of ${STATE_SCHEMA}`,
    };
    expect(() => openSqliteOperationalState(path)).toThrow(NewerOperationalStateError);
    await expect(openOperationalStateInThread(path)).rejects.toMatchObject(refusal);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
