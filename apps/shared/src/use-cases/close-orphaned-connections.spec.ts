import { beforeEach, describe, expect, it } from '@jest/globals';
import { nodeDecider, userSid, userStream, type NodeState } from '#domain';
import { AppendOutcomeUnknownError } from '#event-store';
import type { NodeConnection } from '#read-model';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { context } from '../../../../test/support/user-commands.ts';
import { Aggregates } from './aggregates.ts';
import { closeOrphanedConnections } from './close-orphaned-connections.ts';

const SERVICE = `IS${'1'.repeat(32)}`;
const AT = '2026-03-04T05:00:00.000Z';
/** A lost node whose last sign of life is unknown. */
const LOST: NodeState = { ...nodeDecider.initialState, incarnation: 1 };
const NAMES = ['ann', 'bob', 'cleo', 'dan'];

describe('Closing the Connections of a lost node', () => {
  let log: InMemoryEventStore;
  /** Two surviving processes without a common cache. */
  let here: Aggregates;
  let there: Aggregates;
  let held: NodeConnection[];

  beforeEach(async () => {
    log = new InMemoryEventStore();
    [here, there] = [survivor(log), survivor(log.another())];
    const lost = survivor(log.another());
    held = await Promise.all(NAMES.map((name) => open(lost, name, 'lost')));
  });

  function survivor(store: InMemoryEventStore): Aggregates {
    return new Aggregates(store, () => new Date(AT));
  }

  async function open(at: Aggregates, identity: string, nodeId: string): Promise<NodeConnection> {
    const connection = {
      connectionSid: `CN-${identity}-${nodeId}`,
      transport: 'stream',
      node: { nodeId, incarnation: 1 },
      deviceId: null,
      ttlSeconds: null,
    } as const;
    const { connectionSid, ...rest } = connection;
    const user = userSid(SERVICE, identity);
    const command = {
      type: 'OpenConnection',
      ...connection,
      createAs: { serviceSid: SERVICE, identity },
    } as const;
    const { position } = await at.users.handle(userStream(user), command, context(connectionSid));
    return {
      ...rest,
      sid: connectionSid,
      userSid: user,
      serviceSid: SERVICE,
      openedAt: AT,
      openedPosition: position ?? '',
      counted: true,
    };
  }

  const closed = (): string[] =>
    log.log.flatMap(({ type, data }) =>
      type === 'ConnectionClosed' && 'connectionSid' in data ? [String(data.connectionSid)] : [],
    );

  it('reads all Users at once, and answers how many it closed and the position of the last close', async () => {
    const before = log.eventsRead;
    const outcome = await closeOrphanedConnections(here, { node: LOST, connections: held });
    expect(outcome).toEqual({ closed: 4, position: await log.head(), failures: [] });
    expect(closed().sort()).toEqual(held.map(({ sid }) => sid));
    expect([log.streamLoads, log.eventsRead - before]).toEqual([1, 8]);
  });

  it('by two processes at once closes each Connection once', async () => {
    const outcomes = await Promise.all([
      closeOrphanedConnections(here, { node: LOST, connections: held }),
      closeOrphanedConnections(there, { node: LOST, connections: held }),
    ]);
    expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
    expect(outcomes.reduce((sum, outcome) => sum + outcome.closed, 0)).toBe(4);
    expect(closed().sort()).toEqual(held.map(({ sid }) => sid));
  });

  it('that loses to another process at one User does not affect the others', async () => {
    const bob = userStream(held[1]?.userSid ?? '');
    log.beforeAppend = async (stream) => {
      if (stream !== bob) return;
      log.beforeAppend = () => undefined;
      await open(there, 'bob', 'another');
    };
    const appended = log.appendCalls;
    expect(await closeOrphanedConnections(here, { node: LOST, connections: held })).toMatchObject({
      closed: 4,
      failures: [],
    });
    expect(log.appendCalls - appended).toBe(5);
    const { state } = await here.users.load(bob);
    expect(state).toMatchObject({ connections: [{ sid: 'CN-bob-another' }] });
  });

  it('leaves a User online that reconnects to this process meanwhile', async () => {
    const [, back] = await Promise.all([
      closeOrphanedConnections(here, { node: LOST, connections: held }),
      open(here, 'cleo', 'here'),
    ]);
    const { state } = await there.users.load(userStream(back.userSid));
    expect(state).toMatchObject({ connections: [{ sid: back.sid }] });
    expect(closed()).toHaveLength(4);
  });

  it('repeats a close of unknown outcome without closing twice', async () => {
    log.failNextAppend(new AppendOutcomeUnknownError('no answer'), 'after');
    expect(await closeOrphanedConnections(here, { node: LOST, connections: held })).toMatchObject({
      closed: 4,
      failures: [],
    });
    expect(closed()).toHaveLength(4);
  });

  it('skips a User whose stream cannot be read, and closes the others', async () => {
    const dan = held[3];
    const broken = { id: 'x', type: 'NeverHeardOf', schemaVersion: 1, data: {} };
    const metadata = { occurredAt: AT, correlationId: 'x', causationId: 'x', actor: 'cli' };
    await log.append(userStream(dan?.userSid ?? ''), 1, [{ ...broken, metadata }]);
    const outcome = await closeOrphanedConnections(here, { node: LOST, connections: held });
    expect(outcome.closed).toBe(3);
    expect(outcome.failures.length).toBeGreaterThan(0);
    expect(closed()).not.toContain(dan?.sid);
  });

  it('records as last seen the last sign of life of the node, or the opening if that is later', async () => {
    const [ann, bob, cleo, dan] = held;
    if (!ann || !bob || !cleo || !dan) throw new Error('Four are held');
    const alive = '2026-03-04T05:00:10.000Z';
    const opened = { before: '2026-03-04T05:00:09.999Z', after: '2026-03-04T05:00:10.001Z' };
    const node = { ...LOST, lastAlive: [{ incarnation: 1, at: alive }] };
    await closeOrphanedConnections(here, {
      node,
      connections: [
        { ...ann, openedAt: opened.before },
        { ...bob, openedAt: opened.after },
        // Held by an incarnation of whose last moment nothing is known.
        { ...cleo, openedAt: opened.before, node: { nodeId: 'lost', incarnation: 2 } },
      ],
    });
    await closeOrphanedConnections(here, { node: LOST, connections: [dan] });
    const seen = log.log.flatMap(({ data }) => ('lastSeenAt' in data ? [data.lastSeenAt] : []));
    expect(seen).toEqual([alive, opened.after, opened.before, AT]);
  });

  it('closes two Connections of one User one after the other', async () => {
    const second = await open(there, 'ann', 'also');
    expect(
      await closeOrphanedConnections(here, { node: LOST, connections: [...held, second] }),
    ).toMatchObject({
      closed: 5,
      failures: [],
    });
    const { state } = await there.users.load(userStream(second.userSid));
    expect(state).toMatchObject({ connections: [] });
  });
});
