import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { eventStoreContract, type LogUnderTest } from './event-store.contract.ts';

async function newLog(): Promise<LogUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'event-store-'));
  return {
    open: () => openSqliteEventStore({ path: join(folder, 'events.db') }),
    dispose: () => rm(folder, { recursive: true }),
  };
}

eventStoreContract('SQLite', { log: newLog, emptyLog: newLog });
