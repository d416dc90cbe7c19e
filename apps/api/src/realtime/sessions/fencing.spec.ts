import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { nodeStream } from '#domain';
import { EventStoreUnavailableError } from '#event-store';
import { foldBatch, START } from '#projections';
import { timelineProjection, userPast, type TimelineState, type UserRow } from '#read-model';
import { commandBus, queryBus } from '../../../../../test/support/buses.ts';
import { statesAfter } from '../../../../../test/support/manual-log.ts';
import { muteLogger } from '../../../../../test/support/muted-logger.ts';
import { steppedReadModel } from '../../../../../test/support/read-model.ts';
import {
  BEGIN,
  context,
  RecordingClient,
  SERVICE,
  SessionWorld,
} from '../../../../../test/support/session-world.ts';
import { until } from '../../../../../test/support/until.ts';
import { Aggregates } from '#shared/use-cases/aggregates';
import { OrphanedConnections } from '../../cluster/orphaned-connections.ts';
import { Fencing } from './fencing.ts';

let world: SessionWorld;
let fencing: Fencing;
/** Calls to sockets and readiness, in order. */
let told: string[];

beforeEach(async () => {
  muteLogger('log', 'warn', 'error');
  world = new SessionWorld();
  told = [];
  const sockets = {
    startAccepting: () => void told.push('sockets open'),
    stopAccepting: () => void told.push('sockets refused'),
  };
  const readiness = {
    suspend: (why: string) => void told.push(`not ready: ${why}`),
    resume: () => void told.push('ready'),
  };
  fencing = new Fencing(world.node, world.sessions, sockets, readiness, world.feed);
  await world.begin();
});
afterEach(async () => {
  await fencing.stop();
  await world.end();
  jest.restoreAllMocks();
});

const NODE = { nodeId: 'node-1', incarnation: 1 };

/** Another process finds that the lease of this one has expired, and declares it lost. */
async function givenUp(): Promise<void> {
  const survivor = new Aggregates(world.store.another(), () => new Date(BEGIN));
  const command = { type: 'LoseNode', ...NODE } as const;
  await survivor.nodes.handle(nodeStream(NODE.nodeId), command, context('lose'));
}

const goesOn = () =>
  until('another incarnation', () => (world.node.current?.incarnation === 2 ? true : undefined));

/** The state of the one User by every projection. */
async function folded() {
  const { log } = world.store;
  const stream = log.find(({ type }) => type === 'UserCreated')?.stream ?? '';
  const userSid = stream.slice('user-'.length);
  const isUser = (state: unknown): state is UserRow =>
    typeof state === 'object' && state !== null && 'kind' in state && state.kind === 'user';
  const users = (await statesAfter(log)).get(stream);
  const { changes } = await foldBatch(
    timelineProjection,
    async () => new Map<string, TimelineState>(),
    log,
    START,
  );
  const timeline = changes.get(stream);
  const audit = await userPast(log, { serviceSid: SERVICE, userSid }, null);
  if (!isUser(users) || timeline?.kind !== 'user') throw new Error('There is no such User');
  return { users, timeline: timeline.unwritten?.fact, audit: audit.user };
}

describe('A node that was stopped until its lease expired', () => {
  it('does not acknowledge a Connection appended after it was declared lost, and no projection counts it', async () => {
    const stopped = Promise.withResolvers<null>();
    world.store.beforeAppend = async (stream) => {
      if (stream.startsWith('user-')) await stopped.promise;
    };
    const client = new RecordingClient();
    await world.feed.stop();
    const opening = world.open(client);
    const refused = expect(opening).rejects.toMatchObject({ reason: 'node_lost' });
    await until('the append to be under way', () =>
      world.store.appendCalls > 2 ? true : undefined,
    );
    world.now += 7_000;
    await givenUp();
    stopped.resolve(null);
    await refused;

    expect(
      world.store.log
        .slice(2)
        .map(({ type }) => type)
        .slice(0, 3),
    ).toEqual(['NodeLost', 'UserCreated', 'ConnectionOpened']);
    const { users, timeline, audit } = await folded();
    expect(users.connections).toMatchObject([{ counted: false }]);
    expect(users.lastConnectPosition).toBeNull();
    expect(audit?.connections).toMatchObject([{ counted: false }]);
    expect(timeline).toMatchObject({ openConnections: 0, lastConnectPosition: null });
    await goesOn();

    const readModel = steppedReadModel(world.store);
    await readModel.catchUp();
    const reaper = new OrphanedConnections(
      { ROLE: 'worker' },
      commandBus(world.aggregates, () => new Date(BEGIN)),
      queryBus(world.aggregates),
      readModel.users,
      { waitFor: () => Promise.resolve(true), isTold: false, onMove: () => undefined },
      () => world.now,
    );
    expect(await reaper.runOnce()).toBe('more');
    readModel.close();
    expect(world.closes).toMatchObject([{ cause: 'node_lost' }]);
    expect((await folded()).users).toMatchObject({ connections: [], lastOnlineAt: null });
  });

  it('learns it from the log, ends its sessions, and accepts clients again as a new incarnation', async () => {
    const { client, session } = await world.open();
    await givenUp();
    expect(await client.ended.promise).toBe('node_lost');
    expect(client.calls).toEqual(['node_lost', 'session ended']);
    await goesOn();
    expect(told).toEqual(['sockets refused', 'not ready: node_lost', 'sockets open', 'ready']);
    expect(world.sessions.tryResume(world.token(), session.connectionSid, client)).toBeNull();
    await world.open();
    expect(world.closes).toEqual([]);
    expect(world.store.log.at(-1)).toMatchObject({ data: { node: { ...NODE, incarnation: 2 } } });
  });

  it('learns it when the next client connects', async () => {
    const { client } = await world.open();
    await world.feed.stop();
    world.now += 7_000;
    await givenUp();
    await expect(world.open()).rejects.toMatchObject({ reason: 'node_lost' });
    expect(client.calls).toEqual(['node_lost', 'session ended']);
    await goesOn();
  });

  it('learns it before a client resumes its session', async () => {
    const { client, session } = await world.open();
    await world.feed.stop();
    session.socketClosed();
    world.now += 7_000;
    await givenUp();
    expect(await world.sessions.canResume(world.token(), session.connectionSid)).toBe(false);
    expect(client.calls).toEqual(['node_lost', 'session ended']);
    await goesOn();
  });

  it('resumes sessions while the log cannot be read, as it keeps those with a socket', async () => {
    const { session } = await world.open();
    session.socketClosed();
    world.now += 7_000;
    const away = new EventStoreUnavailableError('away');
    const load = jest.spyOn(world.aggregates.nodes, 'load').mockRejectedValue(away);
    expect(await world.sessions.canResume(world.token(), session.connectionSid)).toBe(true);
    load.mockRestore();
  });

  it('records no close for its sessions within the grace period', async () => {
    const { session } = await world.open();
    session.socketClosed();
    await givenUp();
    await goesOn();
    world.pass(60_000);
    await world.sessions.allClosesRecorded();
    expect(world.closes).toEqual([]);
  });

  it('accepts no client until the new incarnation has started', async () => {
    const stopped = Promise.withResolvers<null>();
    world.store.beforeAppend = async (stream) => {
      if (stream.startsWith('node-')) await stopped.promise;
    };
    await givenUp();
    await world.followed();
    await expect(world.open()).rejects.toMatchObject({ reason: 'node_lost' });
    expect(world.types).toEqual([]);
    stopped.resolve(null);
    await goesOn();
  });

  it('continues if it was not declared lost', async () => {
    const { client } = await world.open();
    world.now += 60_000;
    await world.open();
    expect(world.types).toEqual(['UserCreated', 'ConnectionOpened', 'ConnectionOpened']);
    expect([client.calls, told]).toEqual([[], []]);
  });

  it('acknowledges no Connection while the lease cannot be read, and closes what it opened', async () => {
    world.now += 60_000;
    const load = world.aggregates.nodes.load.bind(world.aggregates.nodes);
    world.aggregates.nodes.load = () => Promise.reject(new Error('away'));
    await expect(world.open()).rejects.toThrow('away');
    world.aggregates.nodes.load = load;
    await world.sessions.allClosesRecorded();
    expect(world.types).toEqual(['UserCreated', 'ConnectionOpened', 'ConnectionClosed']);
  });

  it('waits while its node id is in use elsewhere', async () => {
    const elsewhere = new Aggregates(world.store.another(), () => new Date(BEGIN));
    const start = { type: 'StartNode', nodeId: NODE.nodeId } as const;
    await elsewhere.nodes.handle(nodeStream(NODE.nodeId), start, context('start'));
    await until('the fence', () => (told.length >= 2 ? true : undefined));
    expect(world.node.current).toBeNull();
    const stop = { type: 'StopNode', nodeId: NODE.nodeId, incarnation: 2 } as const;
    await elsewhere.nodes.handle(nodeStream(NODE.nodeId), stop, context('stop'));
    await until('incarnation 3', () => (world.node.current?.incarnation === 3 ? true : undefined));
  });
});
