import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidSettingError } from '../settings/invalid-setting-error.ts';
import type { Settings } from '../settings/settings.ts';
import { createOnce } from './create-once.ts';
import { assertKnownFormat } from './newer-file-error.ts';

/** The credentials of the API: the account, and API keys, which also sign access tokens. */
export interface Credentials {
  readonly accountSid: string;
  readonly authToken: string;
  /** Secrets by API key sid. */
  readonly apiKeys: ReadonlyMap<string, string>;
  /** True if this call created them: print them, as no earlier start has. */
  readonly fresh: boolean;
}

interface StoredCredentials {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKeys: Readonly<Record<string, string>>;
}

type CredentialSettings = Pick<Settings, 'DATA_DIR' | 'ACCOUNT_SID' | 'AUTH_TOKEN' | 'API_KEYS'>;

const FILE = 'credentials.json';
/** Increase it with every change that an older program would read wrongly. Files without `format` have 1. */
const FORMAT = 1;

/**
 * Returns credentials from the settings, completed from `credentials.json` in DATA_DIR (mode 0600), which the first
 * start creates. Where two processes start at the same time, both use the file that was created first.
 *
 * @throws InvalidSettingError if the file does not contain credentials
 * @throws NewerFileError if a newer program has written it
 */
export function loadCredentials({
  DATA_DIR,
  ACCOUNT_SID,
  AUTH_TOKEN,
  API_KEYS,
}: CredentialSettings): Credentials {
  const configured = configuredKeys(API_KEYS);
  if (ACCOUNT_SID !== undefined && AUTH_TOKEN !== undefined && configured.size > 0) {
    return { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, apiKeys: configured, fresh: false };
  }
  const { stored, fresh } = storedCredentials(DATA_DIR);
  return {
    accountSid: ACCOUNT_SID ?? stored.accountSid,
    authToken: AUTH_TOKEN ?? stored.authToken,
    apiKeys: configured.size > 0 ? configured : new Map(Object.entries(stored.apiKeys)),
    fresh,
  };
}

/**
 * Returns the account sid from the settings or DATA_DIR; null before the first start of a server has created it. With a
 * database it is in the settings alone.
 */
export function knownAccountSid({ ACCOUNT_SID, DATABASE_URL, DATA_DIR }: Settings): string | null {
  if (ACCOUNT_SID !== undefined) return ACCOUNT_SID;
  if (DATABASE_URL !== undefined) return null;
  const path = join(DATA_DIR, FILE);
  return existsSync(path) ? readCredentials(path).accountSid : null;
}

function configuredKeys(setting: string | undefined): Map<string, string> {
  const pairs = (setting ?? '').split(',').filter((pair) => pair !== '');
  return new Map(pairs.map((pair) => [pair.slice(0, 34), pair.slice(35)]));
}

function storedCredentials(dataDir: string): { stored: StoredCredentials; fresh: boolean } {
  const path = join(dataDir, FILE);
  const created: StoredCredentials = {
    accountSid: `AC${hex(16)}`,
    authToken: hex(16),
    apiKeys: { [`SK${hex(16)}`]: hex(16) },
  };
  const content = JSON.stringify({ format: FORMAT, ...created }, null, 2);
  const fresh = createOnce(path, `${content}\n`);
  return { stored: fresh ? created : readCredentials(path), fresh };
}

function readCredentials(path: string): StoredCredentials {
  const invalid = new InvalidSettingError(`${path} does not contain credentials`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw invalid;
  }
  assertKnownFormat(path, value, FORMAT);
  if (!isStoredCredentials(value)) throw invalid;
  return value;
}

function isStoredCredentials(value: unknown): value is StoredCredentials {
  if (typeof value !== 'object' || value === null) return false;
  if (!('accountSid' in value && 'authToken' in value && 'apiKeys' in value)) return false;
  const { accountSid, authToken, apiKeys } = value;
  return (
    typeof accountSid === 'string' &&
    typeof authToken === 'string' &&
    typeof apiKeys === 'object' &&
    apiKeys !== null &&
    Object.keys(apiKeys).length > 0 &&
    Object.values(apiKeys).every((secret) => typeof secret === 'string')
  );
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
