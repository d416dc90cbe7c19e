import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seedStore } from '#history-seeder';
import { catchUp, START, verify } from '#projections';
import {
  summaryProjection,
  timelineProjection,
  usersProjection,
  type ReadModel,
} from '#read-model';
import { InMemoryEventStore } from '../support/in-memory-event-store.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { READ_MODEL_SCHEMA } from '#read-model/adapters/read-model-schema';
import { USERS_TABLE } from '#read-model/adapters/postgres/users/postgres-users-read-model';
import { changesContract } from './read-model/changes.contract.ts';
import { everyAnswer } from './read-model/comparison.ts';
import { openInFiles } from './read-model/open-in-files.ts';
import { ReadModelsInPostgres } from './read-model/open-in-postgres.ts';
import { everyQuery, fillWithUsers, statementsOf } from './read-model/user-list-queries.ts';
import { summaryContract } from './read-model/summary.contract.ts';
import { userListsContract } from './read-model/user-lists.contract.ts';
import { usersContract } from './read-model/users.contract.ts';

(hasPostgres() ? describe : describe.skip)('PostgreSQL', () => {
  let server: PostgresServer;
  let inPostgres: ReadModelsInPostgres;

  beforeAll(async () => {
    server = await startPostgres();
    inPostgres = await ReadModelsInPostgres.create(server);
  }, 60_000);
  afterAll(async () => {
    await inPostgres.close();
    await server.stop();
  });

  userListsContract('PostgreSQL', () => inPostgres.open());
  usersContract('PostgreSQL', () => inPostgres.open());
  changesContract('PostgreSQL', () => inPostgres.open(), 10);
  summaryContract('PostgreSQL', () => inPostgres.open(), 8);

  describe('beside that of another program', () => {
    it('stays as it is, until it is removed', async () => {
      const { readModel } = await inPostgres.open();
      const log = new InMemoryEventStore();
      await seedStore(log, { users: 3, events: 50, seed: 5 });
      await catchUp(usersProjection, log, readModel.usersVersions.live());
      const head = await log.head();
      const newer = await inPostgres.openWithTables(READ_MODEL_SCHEMA + 1);
      expect(await newer.versions('users')).toEqual([]);
      expect((await readModel.users.checkpoint()).position).toBe(head);
      const again = await inPostgres.reopen();
      expect((await again.users.checkpoint()).position).toBe(head);
      const removed = await newer.removeOthers();
      expect(removed).toHaveLength(3);
      await expect(readModel.users.checkpoint()).rejects.toThrow(/does not exist/);
      const fresh = await inPostgres.reopen();
      expect(await fresh.users.checkpoint()).toEqual(START);
      await catchUp(usersProjection, log, fresh.usersVersions.live());
      expect((await fresh.users.checkpoint()).position).toBe(head);
    }, 60_000);

    it('is removed when two newer ones are there', async () => {
      await inPostgres.open();
      await inPostgres.openWithTables(READ_MODEL_SCHEMA + 1);
      expect(await inPostgres.tables()).toEqual([READ_MODEL_SCHEMA, READ_MODEL_SCHEMA + 1]);
      await inPostgres.openWithTables(READ_MODEL_SCHEMA + 2);
      expect(await inPostgres.tables()).toEqual([READ_MODEL_SCHEMA + 1, READ_MODEL_SCHEMA + 2]);
    }, 60_000);
  });

  it('reads no more rows for a filtered list than a page may look at', async () => {
    const { readModel } = await inPostgres.open();
    await fillWithUsers(readModel, 4_000);
    await inPostgres.analyze();
    for (const query of everyQuery()) {
      for (const [statement, values] of statementsOf(USERS_TABLE, query)) {
        const plan = await inPostgres.explain(statement, values);
        expect(plan).not.toContain('Seq Scan');
        const read = [...plan.matchAll(/rows=(\d+)|Removed by Filter: (\d+)/g)];
        expect(Math.max(...read.map(([, rows, removed]) => Number(rows ?? removed)))).toBeLessThan(
          4_000,
        );
      }
    }
  }, 60_000);

  describe('beside files', () => {
    let log: InMemoryEventStore;

    beforeAll(async () => {
      log = new InMemoryEventStore();
      await seedStore(log, { users: 12, events: 600, seed: 5 });
    });

    const project = async (readModel: ReadModel, commitEvents: number): Promise<void> => {
      const options = { batchSize: 50, cacheSize: 7, commitEvents };
      await catchUp(usersProjection, log, readModel.usersVersions.live(), options);
      await catchUp(timelineProjection, log, readModel.timelineVersions.live(), options);
      await catchUp(summaryProjection, log, readModel.summaryVersions.live(), options);
    };

    it('gives the same answer to every question', async () => {
      const [files, postgres] = [await openInFiles(), await inPostgres.open()];
      await project(files.readModel, 100);
      await project(postgres.readModel, 300);
      const times = log.log.filter((_, index) => index % 60 === 0);
      const asked = times.map(({ metadata }) => metadata.occurredAt);
      expect(await everyAnswer(postgres.readModel, asked)).toEqual(
        await everyAnswer(files.readModel, asked),
      );
      await files.close();
      await postgres.close();
    }, 60_000);

    it('holds what a rebuild gives', async () => {
      const opened = await inPostgres.open();
      await project(opened.readModel, 100);
      for (const projection of opened.readModel.projections) {
        const result = await projection.verify(log, 5);
        expect(result.shown).toEqual([]);
        expect(result.liveHash).toBe(result.rebuiltHash);
        expect(result.rows).toBeGreaterThan(12);
      }
      await opened.close();
    }, 60_000);

    it('shows a rebuilt version at once, and lets the older one be dropped', async () => {
      const opened = await inPostgres.open();
      await project(opened.readModel, 500);
      const { users, projections } = opened.readModel;
      const before = await users.checkpoint();
      for (const projection of projections) {
        const { version } = await projection.rebuild(log);
        await projection.drop(version - 1);
        const status = await projection.status(log, new Date());
        expect(status.versions.map(({ state }) => state)).toEqual(['live']);
      }
      expect((await users.checkpoint()).position).toBe(before.position);
      expect(await verify(usersProjection, log, opened.readModel.usersVersions, 1)).toMatchObject({
        differences: 0,
      });
      await opened.close();
    }, 60_000);
  });
});
