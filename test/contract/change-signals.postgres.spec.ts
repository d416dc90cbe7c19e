import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { seedStore } from '#history-seeder';
import { postgresOperationalState } from '#operational-state/adapters/postgres/index';
import { migrate, Notifications, notify, openDatabase, type Database } from '#postgres';
import { catchUp, rebuild, START } from '#projections';
import { usersProjection, type ReadModel } from '#read-model';
import { openPostgresReadModel } from '#read-model/adapters/postgres/index';
import { databaseSignals } from '#shared/composition/database-signals';
import { InMemoryEventStore } from '../support/in-memory-event-store.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const EPOCH = 'e1';

(hasPostgres() ? describe : describe.skip)('PostgreSQL tells other processes', () => {
  let server: PostgresServer;
  let database: Database;
  let notifications: Notifications;
  let readModel: ReadModel;
  let log: InMemoryEventStore;
  let told: (string | null)[];

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  beforeEach(async () => {
    const url = await server.createDatabase();
    await migrate(url);
    database = openDatabase({ url, name: 'tests' });
    notifications = new Notifications({
      url,
      name: 'tests',
      backOff: (_, signal) => delay(20, undefined, { signal }).catch(() => undefined),
    });
    readModel = await openPostgresReadModel(database, EPOCH);
    log = new InMemoryEventStore();
    await seedStore(log, { users: 5, events: 60, seed: 5 });
    told = [];
  }, 60_000);
  afterEach(async () => {
    await notifications.close();
    await database.close();
  });

  /** Hears what concerns the log of an epoch, from when this settles. */
  async function hear(name: 'users' | 'timeline' | 'webhooks', epoch = EPOCH): Promise<void> {
    const listening = Promise.withResolvers<undefined>();
    databaseSignals(notifications, epoch)[name]({
      onChange: (position) => told.push(position ?? null),
      onListening: () => listening.resolve(undefined),
      onLost: () => undefined,
    });
    await listening.promise;
  }

  /** Settles once everything that was told before has arrived. */
  async function arrived(): Promise<void> {
    const mark = Promise.withResolvers<undefined>();
    const ignore = (): void => undefined;
    const onNotify = (): void => mark.resolve(undefined);
    notifications.listen('mark', { onNotify, onListening: ignore, onLost: ignore });
    await notify(database, 'mark');
    await mark.promise;
  }

  const project = (commitEvents: number): Promise<number> =>
    catchUp(usersProjection, log, readModel.usersVersions.live(), { batchSize: 10, commitEvents });

  it('of each position that the live version of a projection reaches', async () => {
    await hear('users');
    await project(20);
    const { position } = await readModel.users.checkpoint();
    await until('the last position', () => told.includes(position) || undefined);
    expect(told).toEqual([...told].sort());
    expect(told.length).toBeGreaterThan(1);
  });

  it('nothing of another projection, nor of another log', async () => {
    await hear('timeline');
    await hear('users', 'e2');
    await project(20);
    await arrived();
    expect(told).toEqual([]);
  });

  it('of a switch to a rebuilt version, and nothing of the version before that', async () => {
    await project(1_000);
    const { position } = await readModel.users.checkpoint();
    await hear('users');
    await rebuild(usersProjection, log, readModel.usersVersions);
    await arrived();
    expect(told).toEqual([position]);
  });

  it('of webhooks that are queued, and of those that an operator retries', async () => {
    const { webhookEnqueuerStore: store, webhookQueue } = postgresOperationalState(database);
    await store.begin(EPOCH, null);
    await hear('webhooks');
    const delivery = {
      position: '1',
      sid: 'WD1',
      idempotencyToken: 't',
      serviceSid: 'IS1',
      userSid: 'US1',
      eventType: 'onUserUpdated',
      parameters: [],
      giveUpAt: 10,
    };
    const changes = {
      users: new Map(),
      targets: new Map(),
      clearedServices: new Set<string>(),
      deliveries: [delivery],
      now: 1,
    };
    await store.commit(START, { ...START, position: '1' }, changes);
    await arrived();
    expect(told).toEqual([null]);
    await webhookQueue.retry({ serviceSid: 'IS1' }, 2, 10);
    await arrived();
    expect(told).toEqual([null, null]);
  });
});
