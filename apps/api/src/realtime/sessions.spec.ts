import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { serviceStream, userStream } from '#domain';
import { AppendOutcomeUnknownError, EventStoreUnavailableError } from '#event-store';
import { START } from '#projections';
import { readSettings } from '#shared/settings/settings';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { until } from '../../../../test/support/until.ts';
import { CommandHandlings } from '../infrastructure/command-handlings.ts';
import { OwnIncarnation } from '../nodes/own-incarnation.ts';
import { ExistingServices } from '../users/existing-services.ts';
import { LogFeed } from './log-feed.ts';
import { Sessions, type ClosedElsewhere } from './sessions.ts';

const serviceSid = `IS${'1'.repeat(32)}`;
const context = (commandId: string) => ({ commandId, correlationId: commandId, actor: 'cli' });
const at = '2026-03-04T05:06:07.089Z';

describe('A session', () => {
  let directory: string;
  let store: InMemoryEventStore;
  let handlings: CommandHandlings;
  let feed: LogFeed;
  let node: OwnIncarnation;
  let sessions: Sessions;

  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    directory = mkdtempSync(join(tmpdir(), 'sessions-'));
    store = new InMemoryEventStore();
    handlings = new CommandHandlings(store, () => new Date(at));
    feed = new LogFeed(store);
    node = new OwnIncarnation(readSettings({ DATA_DIR: directory }), handlings);
    await node.start();
    const services = new ExistingServices(handlings);
    sessions = new Sessions(handlings, services, node, feed, () => new Date(at));
    const command = { type: 'CreateService', serviceSid, friendlyName: 'x' } as const;
    await handlings.services.handle(serviceStream(serviceSid), command, context('service'));
    feed.start({ ...START, position: await store.head() });
  });
  afterEach(async () => {
    await feed.stop();
    await node.stop();
    rmSync(directory, { recursive: true });
    jest.restoreAllMocks();
  });

  const token = { identity: 'alice', serviceSid, expiresAt: new Date(at) };
  const nobody: ClosedElsewhere = () => undefined;
  const open = (closedElsewhere = nobody) => sessions.open(token, 'stream', null, closedElsewhere);
  const types = () => store.log.map(({ type }) => type).slice(2);

  /** Settles once every event has been followed. */
  async function followed(): Promise<void> {
    expect(await feed.hasSeen(await store.head(), 5_000)).toBe(true);
  }

  it('is in the log once it is open, held by this node', async () => {
    const { connectionSid, position } = await open();
    expect(types()).toEqual(['UserCreated', 'ConnectionOpened']);
    expect(store.log.at(-1)).toMatchObject({
      position,
      data: { connectionSid, node: node.current, transport: 'stream' },
      metadata: { actor: 'identity:alice' },
    });
  });

  it('is closed once, whoever asks how often', async () => {
    const session = await open();
    await Promise.all([sessions.close(session, 'clean'), sessions.close(session, 'abrupt')]);
    expect(types().slice(2)).toEqual(['ConnectionClosed']);
    expect(store.log.at(-1)).toMatchObject({ data: { cause: 'clean', lastSeenAt: at } });
  });

  it('is not told of its own close', async () => {
    const told: string[] = [];
    const session = await open((why) => told.push(why));
    await sessions.close(session, 'clean');
    await followed();
    expect(told).toEqual([]);
  });

  it('is told when its Connection is closed by somebody else', async () => {
    const told = Promise.withResolvers<string>();
    const { connectionSid, userSid } = await open(told.resolve);
    const close = {
      type: 'CloseConnection',
      connectionSid,
      cause: 'admin',
      lastSeenAt: at,
    } as const;
    await handlings.users.handle(userStream(userSid), close, context('close'));
    expect(await told.promise).toBe('connection closed');
  });

  it('is told when its User is deleted', async () => {
    const told = Promise.withResolvers<string>();
    const { userSid } = await open(told.resolve);
    await handlings.users.handle(
      userStream(userSid),
      { type: 'DeleteUser', at },
      context('delete'),
    );
    expect(await told.promise).toBe('user deleted');
  });

  it('is told of a close that is seen before its opening is acknowledged', async () => {
    const told = Promise.withResolvers<string>();
    const append = store.append.bind(store);
    store.append = async (...call) => {
      const result = await append(...call);
      store.append = append;
      const other = new CommandHandlings(store.another(), () => new Date(at));
      const stream = call[0];
      await other.users.handle(stream, { type: 'DeleteUser', at }, context('delete'));
      await followed();
      return result;
    };
    await open(told.resolve);
    expect(await told.promise).toBe('user deleted');
  });

  it('keeps trying to record its close until the log takes it', async () => {
    const session = await open();
    for (let failure = 0; failure < 14; failure += 1) {
      store.failNextRead(new EventStoreUnavailableError('away'));
      store.failNextAppend(new EventStoreUnavailableError('away'));
    }
    await sessions.close(session, 'abrupt');
    expect(types().at(-1)).toBe('ConnectionClosed');
  });

  it('is closed again where nobody knows whether it was opened', async () => {
    for (let failure = 0; failure < 12; failure += 1) {
      store.failNextAppend(new AppendOutcomeUnknownError('?'), 'after');
    }
    await expect(open()).rejects.toThrow(AppendOutcomeUnknownError);
    await until('the close', () => (types().at(-1) === 'ConnectionClosed' ? true : undefined));
    expect(types()).toEqual(['UserCreated', 'ConnectionOpened', 'ConnectionClosed']);
  });

  it('is refused for a Service that is not there', async () => {
    const stranger = { ...token, serviceSid: `IS${'2'.repeat(32)}` };
    await expect(sessions.open(stranger, 'stream', null, nobody)).rejects.toMatchObject({
      code: 'SERVICE.NOT_FOUND',
    });
    expect(types()).toEqual([]);
  });

  it('does not keep the process once it is to stop', async () => {
    const session = await open();
    await store.close();
    sessions.stop();
    await Promise.all([sessions.close(session, 'node_lost'), node.stop()]);
    expect(types()).toEqual(['UserCreated', 'ConnectionOpened']);
  });
});
