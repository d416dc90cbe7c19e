import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidSettingError } from '../settings/invalid-setting-error.ts';
import { loadEncryptionKey } from './encryption-key.ts';

describe('The key that encrypts secrets', () => {
  let DATA_DIR: string;
  const load = () => loadEncryptionKey({ DATA_DIR });

  beforeEach(() => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'encryption-'));
  });
  afterEach(() => rmSync(DATA_DIR, { recursive: true }));

  it('is the setting, and then no file is made', () => {
    const KEY_ENCRYPTION_KEY = '0f'.repeat(32);
    expect(loadEncryptionKey({ DATA_DIR, KEY_ENCRYPTION_KEY })).toEqual(Buffer.alloc(32, 0x0f));
    expect(readdirSync(DATA_DIR)).toEqual([]);
  });

  it('is made once, in a file that only its owner reads', () => {
    const key = load();
    expect(key).toHaveLength(32);
    expect(load()).toEqual(key);
    expect(readdirSync(DATA_DIR)).toEqual(['key-encryption.key']);
    expect(statSync(join(DATA_DIR, 'key-encryption.key')).mode & 0o777).toBe(0o600);
  });

  it('is refused if the file holds something else', () => {
    writeFileSync(join(DATA_DIR, 'key-encryption.key'), 'nonsense');
    expect(load).toThrow(InvalidSettingError);
  });
});
