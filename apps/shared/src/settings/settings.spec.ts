import { describe, expect, it } from '@jest/globals';
import { InvalidSettingError } from './invalid-setting-error.ts';
import { readSettings } from './settings.ts';

const ACCOUNT_SID = `AC${'0'.repeat(32)}`;
const AUTH_TOKEN = 'a token that is secret'.replaceAll(' ', '-');
const KEY = `SK${'1'.repeat(32)}:another-secret-thing`;

function refusalOf(environment: NodeJS.ProcessEnv): string {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof InvalidSettingError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('Settings', () => {
  it('have a default for everything', () => {
    expect(readSettings({})).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      DATA_DIR: './data',
      EVENT_STORE: 'sqlite',
      READ_MODEL: 'sqlite',
      ROLE: 'all',
      LOG_LEVEL: 'info',
      NODE_ENV: 'development',
    });
  });

  it('are what the environment says', () => {
    const environment = {
      PORT: '0',
      HOST: '::1',
      PUBLIC_URL: 'http://localhost:8080/prefix',
      DATA_DIR: '/var/lib/reachability',
      EVENT_STORE: 'eventstoredb',
      EVENTSTOREDB_URL: 'esdb+discover://admin:changeit@cluster:2113?tls=true',
      ACCOUNT_SID,
      AUTH_TOKEN,
      API_KEYS: `${KEY},SK${'2'.repeat(32)}:yet-another-secret`,
      ROLE: 'worker',
      NODE_ID: 'eu-west.1_a',
      LOG_LEVEL: 'trace',
      LOG_FORMAT: 'json',
      NODE_ENV: 'production',
    };
    expect(readSettings(environment)).toMatchObject({ ...environment, PORT: 0 });
  });

  it('take no notice of other variables', () => {
    expect(readSettings({ PATH: '/bin', toString: 'x' })).toEqual(readSettings({}));
  });

  it('count an empty value as unset', () => {
    const names = Object.keys(readSettings({}));
    const empty = Object.fromEntries([...names, 'NODE_ID', 'API_KEYS'].map((name) => [name, '']));
    expect(readSettings(empty)).toEqual(readSettings({}));
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', 'http'],
    ['PORT', ' '],
    ['PORT', '0x50'],
    ['PUBLIC_URL', 'example.com'],
    ['PUBLIC_URL', 'ftp://example.com'],
    ['PUBLIC_URL', 'nonsense'],
    ['EVENT_STORE', 'postgres'],
    ['READ_MODEL', 'mysql'],
    ['ACCOUNT_SID', 'AC123'],
    ['ACCOUNT_SID', ACCOUNT_SID.toLowerCase()],
    ['AUTH_TOKEN', 'short'],
    ['AUTH_TOKEN', 'sixteen characters and spaces'],
    ['API_KEYS', 'SK1:secret'],
    ['API_KEYS', `SK${'1'.repeat(32)}`],
    ['API_KEYS', `SK${'1'.repeat(32)}:short`],
    ['API_KEYS', `${KEY},`],
    ['API_KEYS', `${KEY};${KEY}`],
    ['ROLE', 'boss'],
    ['NODE_ID', '../escape'],
    ['NODE_ID', 'n'.repeat(65)],
    ['NODE_ID', 'a\nb'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
    ['NODE_ENV', 'staging'],
  ])('refuse %s=%j with one line that begins with its name', (name, value) => {
    const message = refusalOf({ ACCOUNT_SID, AUTH_TOKEN, [name]: value });
    expect(message).toMatch(new RegExp(`^${name} [^\\n]+$`));
  });

  it.each([undefined, 'http://localhost:2113', 'esdb://', 'esdb://a b'])(
    'refuse EVENTSTOREDB_URL=%j where the event store is to be EventStoreDB',
    (value) => {
      const environment = {
        EVENT_STORE: 'eventstoredb',
        ...(value === undefined ? {} : { EVENTSTOREDB_URL: value }),
      };
      expect(refusalOf(environment)).toMatch(/^EVENTSTOREDB_URL [^\n]+$/);
    },
  );

  it.each([{ ACCOUNT_SID }, { AUTH_TOKEN }])('refuse half of the account: %j', (environment) => {
    expect(refusalOf(environment)).toBe('ACCOUNT_SID and AUTH_TOKEN must be set together');
  });

  it.each([
    ['AUTH_TOKEN', 'my secret with spaces'],
    ['API_KEYS', `SK1:my-secret-of-many-characters`],
    ['EVENTSTOREDB_URL', 'http://admin:my-secret@host:2113'],
  ])('never show the secret in %s', (name, value) => {
    const message = refusalOf({ EVENT_STORE: 'eventstoredb', [name]: value });
    expect(message).not.toBe('accepted');
    expect(message).not.toMatch(/my.secret/);
  });
});
