import { describe, expect, it } from '@jest/globals';
import { settingsError } from '../../../../test/support/settings-error.ts';
import { getMetadataStorage } from 'class-validator';
import { readSettings, Settings } from './settings.ts';

const ACCOUNT_SID = `AC${'0'.repeat(32)}`;
const AUTH_TOKEN = 'a token that is secret'.replaceAll(' ', '-');
const KEY = `SK${'1'.repeat(32)}:another-secret-thing`;

/** A value for each setting; the compiler refuses this list where it lacks one. */
const EVERY_SETTING: Required<Settings> = {
  PORT: 0,
  HOST: '::1',
  PUBLIC_URL: 'http://localhost:8080/prefix',
  MANAGEMENT_PORT: 9464,
  MANAGEMENT_HOST: '127.0.0.2',
  MANAGEMENT_PUBLIC: false,
  DATA_DIR: '/var/lib/reachability',
  EVENT_STORE: 'eventstoredb',
  EVENTSTOREDB_URL: 'esdb+discover://admin:changeit@cluster:2113?tls=true',
  CLOCK_LEAD_SECONDS: 30,
  READY_WITHOUT_STORE: true,
  ON_RESTORED_LOG: 'stop',
  DATABASE_URL: 'postgres://reachability:secret@db.example.org:5432/reachability',
  DATABASE_CONNECTIONS: 20,
  MIGRATE: 'off',
  READ_MODEL: 'postgres',
  ACCOUNT_SID,
  AUTH_TOKEN,
  API_KEYS: `${KEY},SK${'2'.repeat(32)}:yet-another-secret`,
  KEY_ENCRYPTION_KEY: '0f'.repeat(32),
  WEBHOOK_SECRET: 'signs-webhooks-now',
  WEBHOOK_SECRET_PREVIOUS: 'signed-webhooks-before',
  ROLE: 'worker',
  NODE_ID: 'eu-west.1_a',
  DRAIN_SECONDS: 1,
  TRUSTED_PROXIES: 2,
  CORS_ORIGINS: 'https://app.example.org,http://localhost:8080',
  REQUEST_TIMEOUT_SECONDS: 60,
  START_TIMEOUT_SECONDS: 90,
  IDEMPOTENCY_HOURS: 48,
  AUTHENTICATION_FAILURES_PER_MINUTE: 11,
  AUTHENTICATION_FAILURE_BURST: 12,
  HANDSHAKES_PER_SECOND: 3,
  HANDSHAKE_BURST: 4,
  HANDSHAKES_PER_ADDRESS_PER_SECOND: 13,
  HANDSHAKE_BURST_PER_ADDRESS: 14,
  MAX_SOCKETS: 19,
  CONNECTIONS_PER_ADDRESS: 5,
  CONNECTIONS_PER_USER: 6,
  CONNECTS_PER_USER_PER_SECOND: 15,
  CONNECT_BURST_PER_USER: 16,
  WRITES_PER_USER_PER_SECOND: 17,
  WRITE_BURST_PER_USER: 18,
  LOOKUPS_PER_USER_PER_SECOND: 19,
  LOOKUP_BURST_PER_USER: 20,
  FRAME_BYTES: 7_000,
  FRAMES_PER_SECOND: 8,
  FRAME_BURST: 9,
  WATCHED_USERS: 10,
  WATCHED_USERS_PER_USER: 11,
  CHANGE_FEEDS: 21,
  CHANGE_FEEDS_PER_KEY: 22,
  CHANGE_FEED_HEARTBEAT_SECONDS: 23,
  WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/8',
  LOG_LEVEL: 'trace',
  LOG_FORMAT: 'json',
  TRACING: 'otlp',
  NODE_ENV: 'production',
};

describe('Settings', () => {
  it('say what is wrong with the URL of a database, without its password', () => {
    expect(settingsError({ DATABASE_URL: 'postgres://ann:secret@db/r?sslmode=prefer' })).toBe(
      'DATABASE_URL must have the sslmode disable, require, verify-ca or verify-full',
    );
  });

  it('name the read model only as DATABASE_URL says', () => {
    expect(settingsError({ READ_MODEL: 'postgres' })).toBe(
      'READ_MODEL must be sqlite where DATABASE_URL is not set',
    );
    const { DATABASE_URL } = EVERY_SETTING;
    expect(settingsError({ READ_MODEL: 'sqlite', DATABASE_URL })).toBe(
      'READ_MODEL must be postgres where DATABASE_URL is set',
    );
  });

  it('have defaults', () => {
    expect(readSettings({})).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      DATA_DIR: './data',
      EVENT_STORE: 'sqlite',
      MIGRATE: 'auto',
      ROLE: 'all',
      LOG_LEVEL: 'info',
      NODE_ENV: 'development',
    });
  });

  it('are all read from the environment', () => {
    const environment = Object.fromEntries(
      Object.entries(EVERY_SETTING).map(([name, value]) => [name, String(value)]),
    );
    expect(readSettings(environment)).toEqual(EVERY_SETTING);
  });

  it('are all validated', () => {
    const validated = getMetadataStorage()
      .getTargetValidationMetadatas(Settings, '', false, false)
      .map(({ propertyName }) => propertyName);
    expect(new Set(validated)).toEqual(new Set(Object.keys(new Settings())));
  });

  it('ignore other variables', () => {
    expect(readSettings({ PATH: '/bin', toString: 'x' })).toEqual(readSettings({}));
  });

  it('count an empty value as unset', () => {
    const empty = Object.fromEntries(Object.keys(new Settings()).map((name) => [name, '']));
    expect(readSettings(empty)).toEqual(readSettings({}));
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', 'http'],
    ['PORT', ' '],
    ['PORT', '0x50'],
    ['MANAGEMENT_PORT', '65536'],
    ['MANAGEMENT_PORT', '3000'],
    ['MANAGEMENT_PUBLIC', 'yes'],
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
    ['CORS_ORIGINS', 'app.example.org'],
    ['CORS_ORIGINS', 'https://app.example.org/'],
    ['CORS_ORIGINS', '*,https://app.example.org'],
    ['CORS_ORIGINS', 'https://*.example.org'],
    ['KEY_ENCRYPTION_KEY', '0f'],
    ['KEY_ENCRYPTION_KEY', 'xy'.repeat(32)],
    ['WEBHOOK_SECRET', 'short'],
    ['WEBHOOK_SECRET_PREVIOUS', 'short'],
    ['ROLE', 'boss'],
    ['NODE_ID', '../escape'],
    ['NODE_ID', 'n'.repeat(65)],
    ['NODE_ID', 'a\nb'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
    ['NODE_ENV', 'staging'],
  ])('reject %s=%j with one line that begins with the name', (name, value) => {
    const message = settingsError({ ACCOUNT_SID, AUTH_TOKEN, [name]: value });
    expect(message).toMatch(new RegExp(`^${name} [^\\n]+$`));
  });

  it('reject a management port that is public', () => {
    expect(readSettings({ MANAGEMENT_PUBLIC: 'true' }).MANAGEMENT_PUBLIC).toBe(true);
    expect(settingsError({ MANAGEMENT_PORT: '9464', MANAGEMENT_PUBLIC: 'true' })).toBe(
      'MANAGEMENT_PUBLIC must not be true where MANAGEMENT_PORT is set',
    );
  });

  it.each([undefined, 'http://localhost:2113', 'esdb://', 'esdb://a b'])(
    'reject EVENTSTOREDB_URL=%j where EVENT_STORE is eventstoredb',
    (value) => {
      const environment = {
        EVENT_STORE: 'eventstoredb',
        ...(value === undefined ? {} : { EVENTSTOREDB_URL: value }),
      };
      expect(settingsError(environment)).toMatch(/^EVENTSTOREDB_URL [^\n]+$/);
    },
  );

  it.each([{ ACCOUNT_SID }, { AUTH_TOKEN }])(
    'reject ACCOUNT_SID without AUTH_TOKEN and the reverse: %j',
    (environment) => {
      expect(settingsError(environment)).toBe('ACCOUNT_SID and AUTH_TOKEN must be set together');
    },
  );

  it.each([
    ['AUTH_TOKEN', 'my secret with spaces'],
    ['API_KEYS', `SK1:my-secret-of-many-characters`],
    ['KEY_ENCRYPTION_KEY', 'my-secret'],
    ['WEBHOOK_SECRET', 'my secret with spaces'],
    ['EVENTSTOREDB_URL', 'http://admin:my-secret@host:2113'],
  ])('never show the secret of %s in an error', (name, value) => {
    const message = settingsError({ EVENT_STORE: 'eventstoredb', [name]: value });
    expect(message).not.toBe('accepted');
    expect(message).not.toMatch(/my.secret/);
  });
});
