import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { idempotencyStoreContract } from './idempotency-store.contract.ts';

idempotencyStoreContract('SQLite', () => {
  const directory = mkdtempSync(join(tmpdir(), 'idempotency-'));
  const path = join(directory, 'state.db');
  const one = openSqliteOperationalState(path);
  const other = openSqliteOperationalState(path);
  return {
    store: one.idempotency,
    other: other.idempotency,
    close: () => {
      one.close();
      other.close();
      rmSync(directory, { recursive: true });
    },
  };
});
