import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  startDataDirProcess,
  type DataDirProcess,
} from '../../../../../test/support/data-dir-process.ts';
import { FolderLock } from './folder-lock.ts';

describe('The count of the processes of a data folder', () => {
  let folder: string;
  const locks: FolderLock[] = [];
  const processes: DataDirProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'folder-lock-'));
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((child) => child.kill()));
    for (const lock of locks.splice(0)) lock.leave();
    rmSync(folder, { recursive: true });
  });

  function joinFolder(): FolderLock {
    const lock = FolderLock.tryJoin(folder);
    if (lock === null) throw new Error('The folder is being left');
    locks.push(lock);
    return lock;
  }

  it('knows the last process', () => {
    const [one, two] = [joinFolder(), joinFolder()];
    expect(one.tryToBeLast()).toBe(false);
    one.leave();
    expect(two.tryToBeLast()).toBe(true);
    locks.splice(0, 1);
  });

  it('lets nobody join while the last process leaves', () => {
    const last = joinFolder();
    expect(last.tryToBeLast()).toBe(true);
    expect(FolderLock.tryJoin(folder)).toBeNull();
    locks.splice(0).forEach((lock) => lock.leave());
    joinFolder();
  });

  it('forgets a process that was killed', async () => {
    const child = await startDataDirProcess('folder', folder);
    processes.push(child);
    expect(await child.next()).toEqual({ joined: true });
    const lock = joinFolder();
    expect(lock.tryToBeLast()).toBe(false);
    await child.kill();
    expect(lock.tryToBeLast()).toBe(true);
  });
});
