import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Credentials } from './api.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Returns the credentials in ACCOUNT_SID and AUTH_TOKEN, else those that a server of this checkout keeps in its data
 * directory.
 *
 * @throws Error where there are none
 */
export function localCredentials(): Credentials {
  const { ACCOUNT_SID: username, AUTH_TOKEN: password, DATA_DIR = 'data' } = process.env;
  if (username !== undefined && password !== undefined) return { username, password };
  const file = join(resolve(ROOT, DATA_DIR), 'credentials.json');
  const kept: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  if (typeof kept === 'object' && kept !== null && 'accountSid' in kept && 'authToken' in kept) {
    return { username: String(kept.accountSid), password: String(kept.authToken) };
  }
  throw new Error(
    `There are no credentials in ${file}: start a server with npm start first, or set ACCOUNT_SID and AUTH_TOKEN`,
  );
}
