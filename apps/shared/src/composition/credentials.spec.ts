import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startDataDirProcess } from '../../../../test/support/data-dir-process.ts';
import { InvalidSettingError } from '../settings/invalid-setting-error.ts';
import { readSettings } from '../settings/settings.ts';
import { NewerFileError } from './newer-file-error.ts';
import { knownAccountSid, loadCredentials, type Credentials } from './credentials.ts';

const ACCOUNT = { ACCOUNT_SID: `AC${'0'.repeat(32)}`, AUTH_TOKEN: 'a-token-of-the-account' };
const KEYS = {
  API_KEYS: `SK${'1'.repeat(32)}:the-first-secret,SK${'2'.repeat(32)}:the-second-secret`,
};

describe('Credentials', () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'credentials-'));
    file = join(directory, 'credentials.json');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function load(environment: NodeJS.ProcessEnv = {}): Credentials {
    return loadCredentials(readSettings({ DATA_DIR: directory, ...environment }));
  }

  it('are not created by a look-up of the account sid', () => {
    const account = (environment: NodeJS.ProcessEnv = {}): string | null =>
      knownAccountSid(readSettings({ DATA_DIR: directory, ...environment }));
    expect(account()).toBeNull();
    expect(existsSync(file)).toBe(false);
    expect(account(ACCOUNT)).toBe(ACCOUNT.ACCOUNT_SID);
    const { accountSid } = load();
    expect(account()).toBe(accountSid);
  });

  it('are created on the first start, and are the same on later starts', () => {
    const first = load();
    expect(first).toMatchObject({
      accountSid: expect.stringMatching(/^AC[0-9a-f]{32}$/),
      authToken: expect.stringMatching(/^[0-9a-f]{32}$/),
      fresh: true,
    });
    expect([...first.apiKeys]).toEqual([
      [expect.stringMatching(/^SK[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)],
    ]);
    expect(load()).toEqual({ ...first, fresh: false });
  });

  it('of a program that wrote no format are read', () => {
    const { accountSid } = load();
    writeFileSync(file, readFileSync(file, 'utf8').replace('"format": 1,', ''));
    expect(load()).toMatchObject({ accountSid, fresh: false });
  });

  it('of a newer program are refused', () => {
    load();
    writeFileSync(file, readFileSync(file, 'utf8').replace('"format": 1', '"format": 2'));
    expect(() => load()).toThrow(NewerFileError);
    expect(() => load()).toThrow(`${file} has format 2, of a newer program; this one reads 1`);
  });

  it('differ between data directories', () => {
    const { authToken } = load();
    rmSync(file);
    expect(load().authToken).not.toBe(authToken);
  });

  it('are readable by their owner only, in a directory that is created when missing', () => {
    const missing = join(directory, 'a', 'b');
    load({ DATA_DIR: missing });
    expect(statSync(join(missing, 'credentials.json')).mode & 0o777).toBe(0o600);
    expect(statSync(missing).mode & 0o777).toBe(0o700);
  });

  it('leave no temporary file', () => {
    load();
    expect(readdirSync(directory)).toEqual(['credentials.json']);
  });

  it('come from the settings, without a file, where these contain all of them', () => {
    expect(load({ ...ACCOUNT, ...KEYS })).toEqual({
      accountSid: ACCOUNT.ACCOUNT_SID,
      authToken: ACCOUNT.AUTH_TOKEN,
      apiKeys: new Map([
        [`SK${'1'.repeat(32)}`, 'the-first-secret'],
        [`SK${'2'.repeat(32)}`, 'the-second-secret'],
      ]),
      fresh: false,
    });
    expect(existsSync(file)).toBe(false);
  });

  it('are completed from the file where the settings contain a part of them', () => {
    const { accountSid, apiKeys } = load();
    expect(load(ACCOUNT)).toMatchObject({ accountSid: ACCOUNT.ACCOUNT_SID, apiKeys });
    expect([...load(KEYS).apiKeys.values()]).toEqual(['the-first-secret', 'the-second-secret']);
    expect(load(KEYS).accountSid).toBe(accountSid);
  });

  it('are the same for processes that start for the first time at the same time', async () => {
    const processes = await Promise.all(
      Array.from({ length: 4 }, () => startDataDirProcess('credentials', directory)),
    );
    for (const child of processes) child.proceed();
    const found = await Promise.all(processes.map((child) => child.next()));
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    for (const credentials of found) {
      expect({ format: 1, ...(credentials as Credentials) }).toMatchObject(stored as object);
    }
    expect(found.map((each) => (each as Credentials).fresh).sort()).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(readdirSync(directory)).toEqual(['credentials.json']);
  });

  it.each([
    ['is empty', ''],
    ['is truncated', '{"accountSid":"AC'],
    ['is not an object', 'null'],
    ['lacks the keys', '{"accountSid":"AC1","authToken":"secret-token"}'],
    [
      'has a key without a secret',
      '{"accountSid":"AC1","authToken":"secret-token","apiKeys":{"SK1":1}}',
    ],
    ['has no key', '{"accountSid":"AC1","authToken":"secret-token","apiKeys":{}}'],
  ])('are rejected with one line that names the file when it %s', (_, content) => {
    writeFileSync(file, content);
    const attempt = (): unknown => load();
    expect(attempt).toThrow(InvalidSettingError);
    expect(attempt).toThrow(`${file} does not contain credentials`);
    expect(readFileSync(file, 'utf8')).toBe(content);
  });
});
