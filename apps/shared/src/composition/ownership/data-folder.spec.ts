import {
  cpSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isSameOwner } from '#event-store';
import { InvalidSettingError } from '../../settings/invalid-setting-error.ts';
import { identifyDataFolder } from './data-folder.ts';

describe('The identity of a data folder', () => {
  let scratch: string;
  let folder: string;

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'data-folder-'));
    folder = join(scratch, 'data');
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  it('is made once, in a file that only its owner reads', () => {
    const first = identifyDataFolder(folder);
    expect(identifyDataFolder(folder)).toEqual(first);
    expect(readdirSync(folder)).toEqual(['folder.id']);
    expect(statSync(join(folder, 'folder.id')).mode & 0o777).toBe(0o600);
  });

  it('differs between folders', () => {
    const other = identifyDataFolder(join(scratch, 'other'));
    expect(identifyDataFolder(folder).id).not.toBe(other.id);
  });

  it('stays when the folder is moved on its disk', () => {
    const before = identifyDataFolder(folder);
    renameSync(folder, join(scratch, 'moved'));
    const after = identifyDataFolder(join(scratch, 'moved'));
    expect(isSameOwner(before, after)).toBe(true);
    expect(after.description).toContain(join(scratch, 'moved'));
  });

  it('tells a copy of the folder from the original', () => {
    const original = identifyDataFolder(folder);
    cpSync(folder, join(scratch, 'copy'), { recursive: true, preserveTimestamps: true });
    const copy = identifyDataFolder(join(scratch, 'copy'));
    expect(copy.id).toBe(original.id);
    expect(isSameOwner(copy, original)).toBe(false);
  });

  it('is refused if the file holds something else', () => {
    identifyDataFolder(folder);
    writeFileSync(join(folder, 'folder.id'), 'nonsense');
    expect(() => identifyDataFolder(folder)).toThrow(InvalidSettingError);
  });
});
