import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { settingsError } from '../../../../test/support/settings-error.ts';
import { secretNames } from './secrets.ts';
import { readSettings } from './settings.ts';

const VALUES: Readonly<Record<string, string>> = {
  AUTH_TOKEN: 'a-token-of-the-account',
  API_KEYS: `SK${'1'.repeat(32)}:the-secret-of-a-key`,
  EVENTSTOREDB_URL: 'esdb://admin:changeit@host:2113',
};
const OTHERS = { EVENT_STORE: 'eventstoredb', ACCOUNT_SID: `AC${'0'.repeat(32)}` };

describe('A secret setting', () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'secrets-'));
    file = join(directory, 'secret');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is each setting that holds a secret', () => {
    expect(secretNames()).toEqual(expect.arrayContaining(Object.keys(VALUES)));
  });

  it.each(Object.entries(VALUES))('may be read from a file: %s', (name, value) => {
    const { [name]: _, ...rest } = VALUES;
    for (const ending of ['', '\n', '\r\n', '\n\n']) {
      writeFileSync(file, value + ending);
      const settings = readSettings({ ...OTHERS, ...rest, [`${name}_FILE`]: file });
      expect(settings).toMatchObject({ ...rest, [name]: value });
      expect(settings).not.toHaveProperty(`${name}_FILE`);
    }
  });

  it('is not read from a file whose variable is empty', () => {
    expect(readSettings({ ...OTHERS, ...VALUES, AUTH_TOKEN_FILE: '' })).toMatchObject(VALUES);
  });

  it('replaces an empty variable', () => {
    writeFileSync(file, 'a-token-of-the-account');
    const { AUTH_TOKEN } = readSettings({
      ...OTHERS,
      ...VALUES,
      AUTH_TOKEN: '',
      AUTH_TOKEN_FILE: file,
    });
    expect(AUTH_TOKEN).toBe('a-token-of-the-account');
  });

  it.each(Object.keys(VALUES))('must not be set twice: %s', (name) => {
    writeFileSync(file, VALUES[name] ?? '');
    const message = settingsError({ ...OTHERS, ...VALUES, [`${name}_FILE`]: file });
    expect(message).toBe(`${name} and ${name}_FILE must not both be set`);
  });

  it('is rejected with one line that has its name where the file is missing, a directory or empty', () => {
    const missing = settingsError({ AUTH_TOKEN_FILE: join(directory, 'missing') });
    expect(missing).toBe('AUTH_TOKEN_FILE names a file that cannot be read: ENOENT');
    const folder = settingsError({ AUTH_TOKEN_FILE: directory });
    expect(folder).toBe('AUTH_TOKEN_FILE names a file that cannot be read: EISDIR');
    for (const content of ['', '\n', '\r\n\n']) {
      writeFileSync(file, content);
      expect(settingsError({ AUTH_TOKEN_FILE: file })).toBe('AUTH_TOKEN_FILE names an empty file');
    }
  });

  it('is never shown: neither contents that are invalid, nor a secret in place of the path', () => {
    writeFileSync(file, 'my secret with spaces');
    for (const given of [file, 'my secret with spaces']) {
      const message = settingsError({ ACCOUNT_SID: OTHERS.ACCOUNT_SID, AUTH_TOKEN_FILE: given });
      expect(message).toMatch(/^AUTH_TOKEN[^\n]+$/);
      expect(message).not.toMatch(/my.secret/);
    }
  });

  it('cannot be a setting that holds none', () => {
    writeFileSync(file, '1234');
    expect(readSettings({ PORT_FILE: file }).PORT).toBe(3000);
  });
});
