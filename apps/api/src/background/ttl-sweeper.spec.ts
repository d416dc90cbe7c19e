import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStoreUnavailableError } from '#event-store';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { commandBus } from '../../../../test/support/buses.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { steppedReadModel } from '../../../../test/support/read-model.ts';
import {
  context,
  create,
  openConnection,
  SERVICE_SID,
  sidOf,
  streamOf,
} from '../../../../test/support/user-commands.ts';
import { Aggregates } from '#shared/use-cases/aggregates';
import { TtlSweeper } from './ttl-sweeper.ts';

const START = Date.parse('2026-03-04T05:00:00.000Z');

describe('The TTL sweeper', () => {
  let now = START;
  let log: InMemoryEventStore;
  let aggregates: Aggregates;
  let operations: ReturnType<typeof openSqliteOperationalState>;
  let readModel: ReturnType<typeof steppedReadModel>;
  let sweeper: TtlSweeper;
  const clock = (): Date => new Date(now);
  const newSweeper = () =>
    new TtlSweeper(
      { ROLE: 'worker' },
      commandBus(aggregates, clock),
      operations.ttls,
      readModel.users,
      async () => now,
    );

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  afterAll(() => {
    Logger.overrideLogger(['error', 'warn', 'log']);
  });

  beforeEach(async () => {
    now = START;
    log = new InMemoryEventStore();
    aggregates = new Aggregates(log, clock);
    operations = openSqliteOperationalState(':memory:');
    readModel = steppedReadModel(log);
    sweeper = newSweeper();
    await aggregates.users.handle(streamOf('ann'), create('ann'), context('create'));
  });

  afterEach(() => {
    readModel.close();
    operations.close();
  });

  async function open(connectionSid: string, ttlSeconds: number): Promise<void> {
    const command = { ...openConnection(connectionSid), ttlSeconds };
    await aggregates.users.handle(streamOf('ann'), command, context(`open ${connectionSid}`));
    await operations.ttls.start(entry(connectionSid, ttlSeconds));
  }

  const entry = (connectionSid: string, ttlSeconds: number) => ({
    connectionSid,
    serviceSid: SERVICE_SID,
    userSid: sidOf('ann'),
    ttlSeconds,
    renewedAt: now,
  });

  const closes = () =>
    log.log
      .filter(({ type }) => type === 'ConnectionClosed')
      .map(({ data, metadata }) => ({ ...data, actor: metadata.actor }));

  it('closes an expired Connection, last seen at its last renewal', async () => {
    await open('CN1', 10);
    now += 10_000;
    await sweeper.runOnce();
    expect(closes()).toEqual([
      {
        serviceSid: SERVICE_SID,
        userSid: sidOf('ann'),
        connectionSid: 'CN1',
        cause: 'expired',
        lastSeenAt: '2026-03-04T05:00:00.000Z',
        actor: 'worker',
      },
    ]);
    expect(await operations.ttls.find('CN1')).toBeNull();
  });

  it('leaves a Connection open that was renewed in time', async () => {
    await open('CN1', 10);
    now += 9_000;
    await operations.ttls.renew('CN1', 10, now);
    now += 9_000;
    await sweeper.runOnce();
    expect(closes()).toEqual([]);
    now += 1_000;
    await sweeper.runOnce();
    expect(closes()).toMatchObject([{ lastSeenAt: '2026-03-04T05:00:09.000Z' }]);
  });

  it('removes the deadline of a Connection that is already closed', async () => {
    await open('CN1', 10);
    const close = { type: 'CloseConnection', connectionSid: 'CN1', cause: 'clean' } as const;
    const command = { ...close, lastSeenAt: clock().toISOString() };
    await aggregates.users.handle(streamOf('ann'), command, context('close'));
    now += 10_000;
    await sweeper.runOnce();
    expect(closes()).toMatchObject([{ cause: 'clean' }]);
    expect(await operations.ttls.find('CN1')).toBeNull();
  });

  it('closes the others when one close fails, and retries that one', async () => {
    await open('CN1', 10);
    await open('CN2', 10);
    now += 10_000;
    log.failNextAppend(new TypeError('a fault'));
    await sweeper.runOnce();
    expect(closes()).toHaveLength(1);
    now += 5_000;
    await sweeper.runOnce();
    expect(closes()).toHaveLength(2);
  });

  it('survives an unavailable log and continues when it is available again', async () => {
    await open('CN1', 10);
    now += 10_000;
    log.failNextRead(new EventStoreUnavailableError('away'));
    await sweeper.runOnce();
    now += 5_000;
    await sweeper.runOnce();
    expect(closes()).toHaveLength(1);
  });

  it('closes each Connection once, even with several sweepers', async () => {
    await open('CN1', 10);
    now += 10_000;
    await Promise.all([sweeper.runOnce(), newSweeper().runOnce(), newSweeper().runOnce()]);
    now += 60_000;
    await Promise.all([sweeper.runOnce(), newSweeper().runOnce()]);
    expect(closes()).toHaveLength(1);
  });

  it('starts lost TTLs again at the current time', async () => {
    await open('CN1', 30);
    await operations.ttls.remove('CN1');
    await readModel.catchUp();
    now += 3_600_000;
    await newSweeper().runOnce();
    expect(await operations.ttls.find('CN1')).toEqual(entry('CN1', 30));
    expect(closes()).toEqual([]);
    now += 30_000;
    await sweeper.runOnce();
    expect(closes()).toMatchObject([{ connectionSid: 'CN1', cause: 'expired' }]);
  });

  it('does nothing with ROLE=api', async () => {
    await open('CN1', 10);
    now += 10_000;
    const api = new TtlSweeper(
      { ROLE: 'api' },
      commandBus(aggregates, clock),
      operations.ttls,
      readModel.users,
      async () => now,
    );
    api.onApplicationBootstrap();
    await api.beforeApplicationShutdown();
    expect(closes()).toEqual([]);
  });
});
