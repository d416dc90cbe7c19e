import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { openSqliteReadModel } from './index.ts';

it('Users rebuilt with hardly a state kept unpacked are those rebuilt with all', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'packed-rebuild-'));
  try {
    const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
    await seedStore(log, { users: 100, events: 4_000, seed: 3 });
    const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
    const users = readModel.projections.find(({ name }) => name === 'users');
    await users?.rebuild(log, { mostUnpacked: 2, batchSize: 7, commitKeys: 40, cacheSize: 60 });
    const verified = await users?.verify(log, 10, { mostUnpacked: Infinity });
    expect(verified).toMatchObject({ events: 4_000, differences: 0, shown: [] });
    readModel.close();
    await log.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});
