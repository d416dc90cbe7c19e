import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import type { OpenedReadModel } from './opened.ts';

/** Opens a read model in SQLite files of its own. */
export async function openInFiles(): Promise<OpenedReadModel> {
  const directory = mkdtempSync(join(tmpdir(), 'read-model-'));
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), 'epoch');
  return {
    readModel,
    close: async () => {
      readModel.close();
      rmSync(directory, { recursive: true });
    },
  };
}
