import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../settings/settings.ts';
import { generateSharedSecrets, requireSharedSecrets } from './shared-secrets.ts';

const DATABASE_URL = 'postgres://reachability:secret@db.example.org:5432/reachability';

describe('Secrets that processes share', () => {
  it('are needed with a database', () => {
    const { ACCOUNT_SID, AUTH_TOKEN } = generateSharedSecrets();
    const settings = readSettings({ DATABASE_URL, ACCOUNT_SID, AUTH_TOKEN });
    expect(() => requireSharedSecrets(settings)).toThrow(
      'DATABASE_URL needs API_KEYS, KEY_ENCRYPTION_KEY, the same for every process: `reachability credentials generate` prints new ones',
    );
  });

  it('are not needed without one', () => {
    expect(() => requireSharedSecrets(readSettings({}))).not.toThrow();
  });

  it('are valid settings when they are generated', () => {
    const secrets = generateSharedSecrets();
    const settings = readSettings({ DATABASE_URL, ...secrets });
    expect(settings).toMatchObject(secrets);
    expect(() => requireSharedSecrets(settings)).not.toThrow();
  });

  it('are other ones each time', () => {
    expect(generateSharedSecrets()).not.toEqual(generateSharedSecrets());
  });
});
