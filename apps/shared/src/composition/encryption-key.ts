import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidSettingError } from '../settings/invalid-setting-error.ts';
import type { Settings } from '../settings/settings.ts';
import { createOnce } from './create-once.ts';

const FILE = 'key-encryption.key';
const KEY_BYTES = 32;

/**
 * Returns the 32 bytes under which secrets of API keys are encrypted: KEY_ENCRYPTION_KEY, or else those in
 * `key-encryption.key` in DATA_DIR (mode 0600), which the first call creates. Where two processes create it at the same
 * time, both use the file that was created first.
 *
 * @throws InvalidSettingError if the file does not contain such a key, and without KEY_ENCRYPTION_KEY where processes may
 *   share a database and no folder
 */
export function loadEncryptionKey({
  DATA_DIR,
  DATABASE_URL,
  KEY_ENCRYPTION_KEY,
}: Pick<Settings, 'DATA_DIR' | 'DATABASE_URL' | 'KEY_ENCRYPTION_KEY'>): Buffer {
  if (KEY_ENCRYPTION_KEY !== undefined) return Buffer.from(KEY_ENCRYPTION_KEY, 'hex');
  if (DATABASE_URL !== undefined) {
    throw new InvalidSettingError('Keys that sign need the KEY_ENCRYPTION_KEY of the servers');
  }
  const path = join(DATA_DIR, FILE);
  createOnce(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
  const hex = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new InvalidSettingError(`${path} does not contain an encryption key`);
  }
  return Buffer.from(hex, 'hex');
}
