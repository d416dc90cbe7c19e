import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { serviceStream, userSid, userStream } from '#domain';
import { commandBus } from '../../../../test/support/buses.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { steppedReadModel } from '../../../../test/support/read-model.ts';
import {
  context,
  NOW,
  openConnection,
  SERVICE_SID,
} from '../../../../test/support/user-commands.ts';
import { Aggregates } from '#shared/use-cases/aggregates';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { DeletedServices } from './deleted-services.ts';

const OTHER_SID = `IS${'2'.repeat(32)}`;
const clock = (): Date => new Date(NOW);

describe('The deletion of Users of deleted Services', () => {
  let log: InMemoryEventStore;
  let aggregates: Aggregates;
  let readModel: ReturnType<typeof steppedReadModel>;
  let progress: ReadModelProgress;
  let commands = 0;
  const next = () => context(`command ${(commands += 1)}`);
  const newWorker = () =>
    new DeletedServices(
      { ROLE: 'worker' },
      commandBus(aggregates, clock),
      readModel.users,
      progress,
    );

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  afterAll(() => {
    Logger.overrideLogger(['error', 'warn', 'log']);
  });

  beforeEach(() => {
    log = new InMemoryEventStore();
    aggregates = new Aggregates(log, clock);
    readModel = steppedReadModel(log);
    progress = new ReadModelProgress(readModel.users);
  });

  afterEach(() => {
    readModel.close();
  });

  async function createService(serviceSid: string, identities: readonly string[]): Promise<void> {
    const command = { type: 'CreateService', serviceSid, friendlyName: 'S' } as const;
    await aggregates.services.handle(serviceStream(serviceSid), command, next());
    for (const identity of identities) await createUser(serviceSid, identity);
  }

  async function createUser(serviceSid: string, identity: string): Promise<void> {
    const stream = userStream(userSid(serviceSid, identity));
    await aggregates.users.handle(stream, { type: 'CreateUser', serviceSid, identity }, next());
  }

  const deleteService = (serviceSid: string) =>
    aggregates.services.handle(serviceStream(serviceSid), { type: 'DeleteService' }, next());

  const types = () => log.log.map(({ type }) => type);
  const deleted = () =>
    log.log.filter(({ type }) => type === 'UserDeleted').map(({ stream }) => stream);

  /** Runs the read model until the work is done. */
  async function withReadModel<T>(work: Promise<T>): Promise<T> {
    const ended = new AbortController();
    const result = work.finally(() => ended.abort());
    while (!ended.signal.aborted) {
      await readModel.catchUp();
      await nextTurn();
    }
    return result;
  }

  /** Runs rounds until one is idle. */
  async function settle(): Promise<void> {
    const worker = newWorker();
    await readModel.catchUp();
    while ((await withReadModel(worker.runOnce())) === 'more');
  }

  it('deletes all of them and closes their Connections, and leaves other Users alone', async () => {
    const many = Array.from({ length: 70 }, (_, n) => `user ${n}`);
    await createService(SERVICE_SID, many);
    await createService(OTHER_SID, ['bob']);
    const ann = userStream(userSid(SERVICE_SID, 'user 0'));
    await aggregates.users.handle(ann, openConnection('CN1'), next());
    await deleteService(SERVICE_SID);
    await settle();
    expect(new Set(deleted())).toEqual(
      new Set(many.map((identity) => userStream(userSid(SERVICE_SID, identity)))),
    );
    expect(log.log.find(({ type }) => type === 'ConnectionClosed')?.data).toMatchObject({
      connectionSid: 'CN1',
      cause: 'admin',
    });
    expect(await readModel.users.usersOfDeletedServices(10)).toEqual([]);
  });

  it('deletes a User that was created after the others were deleted, even with the same identity', async () => {
    await createService(SERVICE_SID, ['ann']);
    await deleteService(SERVICE_SID);
    await settle();
    await createUser(SERVICE_SID, 'ann');
    await settle();
    expect(deleted()).toHaveLength(2);
  });

  it('deletes no User of a Service that still exists', async () => {
    await createService(SERVICE_SID, ['ann']);
    await settle();
    expect(types()).not.toContain('UserDeleted');
  });

  it('deletes each User once, even with several workers', async () => {
    await createService(SERVICE_SID, ['ann', 'bob']);
    await deleteService(SERVICE_SID);
    await readModel.catchUp();
    await withReadModel(Promise.all([newWorker().runOnce(), newWorker().runOnce()]));
    expect(deleted()).toHaveLength(2);
  });

  it('retries a deletion that failed', async () => {
    await createService(SERVICE_SID, ['ann']);
    await deleteService(SERVICE_SID);
    await readModel.catchUp();
    const worker = newWorker();
    log.failNextAppend(new TypeError('a fault'));
    expect(await withReadModel(worker.runOnce())).toBe('idle');
    expect(deleted()).toEqual([]);
    await settle();
    expect(deleted()).toHaveLength(1);
  });
});
