import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makePrivate } from './private-data-dir.ts';

describe('A data directory', () => {
  let directory: string;
  let data: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'private-'));
    data = join(directory, 'data');
    createFolder('');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function createFolder(name: string, mode = 0o755): void {
    mkdirSync(join(data, name));
    chmodSync(join(data, name), mode);
  }
  function createFile(name: string, mode = 0o644): void {
    writeFileSync(join(data, name), '');
    chmodSync(join(data, name), mode);
  }
  const modeOf = (name: string): string => (statSync(join(data, name)).mode & 0o7777).toString(8);

  const OWN = [
    'events.db',
    'events.db-wal',
    'events.db-shm',
    'read-model.db',
    'read-model.db.users@v2',
    'read-model.db.timeline@v1-wal',
    'state.db',
    'state.db-journal',
    'credentials.json',
    'encryption.key',
    'nodes/node-1.lock',
    'nodes/node-1.json',
  ];

  it('is closed to other users, with all files of this service in it', () => {
    createFolder('nodes', 0o777);
    for (const name of OWN) createFile(name);
    const { done, problems } = makePrivate(data);
    expect(OWN.map(modeOf)).toEqual(OWN.map(() => '600'));
    expect([modeOf(''), modeOf('nodes')]).toEqual(['700', '700']);
    expect(done.length).toBe(OWN.length + 2);
    expect(done).toContain(`${data} had mode 755: only its owner may access it from now on`);
    expect(problems).toEqual([]);
  });

  it('is left alone where it is closed already, and is not created', () => {
    makePrivate(data);
    createFile('events.db', 0o400);
    expect(makePrivate(data)).toEqual({ done: [], problems: [] });
    expect(modeOf('events.db')).toBe('400');
    expect(makePrivate(join(directory, 'missing'))).toEqual({ done: [], problems: [] });
  });

  it.each([
    ['has folders of something else', 0o755],
    ['is shared as /tmp is', 0o1777],
  ])('keeps its mode where it %s, and its files do not', (_, mode) => {
    if (mode === 0o755) createFolder('something-else');
    createFile('events.db');
    createFile('something.txt');
    chmodSync(data, mode);
    const { problems } = makePrivate(data);
    expect(modeOf('')).toBe(mode.toString(8));
    expect([modeOf('events.db'), modeOf('something.txt')]).toEqual(['600', '644']);
    expect(problems).toEqual([`${data} contains more than this service's data: it keeps its mode`]);
  });

  it('does not change what a link in it points to', () => {
    writeFileSync(join(directory, 'elsewhere'), '');
    chmodSync(join(directory, 'elsewhere'), 0o644);
    symlinkSync(join(directory, 'elsewhere'), join(data, 'events.db'));
    makePrivate(data);
    expect(modeOf('events.db')).toBe('644');
  });

  it('that is not a directory is reported', () => {
    createFile('file');
    expect(makePrivate(join(data, 'file')).problems).toEqual([expect.stringContaining('ENOTDIR')]);
  });
});
