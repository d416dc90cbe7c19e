import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { testApiKeySecretStore } from './api-key-secret-store.contract.ts';

testApiKeySecretStore('SQLite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
  const state = openSqliteOperationalState(join(directory, 'state.db'));
  return {
    store: state.apiKeySecrets,
    close: async () => {
      await state.close();
      rmSync(directory, { recursive: true });
    },
  };
});
