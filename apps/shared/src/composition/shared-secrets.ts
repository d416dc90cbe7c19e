import { randomBytes } from 'node:crypto';
import { InvalidSettingError } from '../settings/invalid-setting-error.ts';
import type { Settings } from '../settings/settings.ts';

const SHARED_SECRETS = ['ACCOUNT_SID', 'AUTH_TOKEN', 'API_KEYS', 'KEY_ENCRYPTION_KEY'] as const;

type SharedSecretName = (typeof SHARED_SECRETS)[number];

/** Returns new values for the settings that all processes of an installation share. */
export function generateSharedSecrets(): Readonly<Record<SharedSecretName, string>> {
  return {
    ACCOUNT_SID: `AC${hex(16)}`,
    AUTH_TOKEN: hex(16),
    API_KEYS: `SK${hex(16)}:${hex(16)}`,
    KEY_ENCRYPTION_KEY: hex(32),
  };
}

/**
 * Checks the secrets of a process that serves. Processes that share a database may run on machines that share no folder, in
 * which a first start could keep secrets for all of them. Two sets of secrets would refuse each other's clients.
 *
 * @throws InvalidSettingError that names the secrets that are not set
 */
export function requireSharedSecrets(
  settings: Pick<Settings, 'DATABASE_URL' | SharedSecretName>,
): void {
  if (settings.DATABASE_URL === undefined) return;
  const missing = SHARED_SECRETS.filter((name) => settings[name] === undefined);
  if (missing.length === 0) return;
  throw new InvalidSettingError(
    `DATABASE_URL needs ${missing.join(', ')}, the same for every process: \`reachability credentials generate\` prints new ones`,
  );
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
