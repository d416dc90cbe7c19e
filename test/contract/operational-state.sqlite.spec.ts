import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileLeaseStore } from '#operational-state/adapters/files/file-lease-store';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { operationalStateContract } from './operational-state.contract.ts';

operationalStateContract('files', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'operational-state-'));
  const open = () => {
    const state = openSqliteOperationalState(join(directory, 'state.db'));
    return { ...state, leases: new FileLeaseStore(join(directory, 'nodes')) };
  };
  const one = open();
  const other = open();
  return {
    one,
    other,
    close: async () => {
      one.close();
      other.close();
      rmSync(directory, { recursive: true });
    },
  };
});
