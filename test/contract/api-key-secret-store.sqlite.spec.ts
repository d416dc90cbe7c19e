import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { testApiKeySecretStore } from './api-key-secret-store.contract.ts';

testApiKeySecretStore('SQLite', () => {
  const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
  const state = openSqliteOperationalState(join(directory, 'state.db'));
  return Promise.resolve({
    store: state.apiKeySecrets,
    close: () => {
      state.close();
      rmSync(directory, { recursive: true });
    },
  });
});
