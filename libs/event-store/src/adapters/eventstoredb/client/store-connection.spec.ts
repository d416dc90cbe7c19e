import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeEventStoreDb } from '../../../../../../test/support/fake-eventstoredb.ts';
import { until } from '../../../../../../test/support/until.ts';
import { StoreHealthRecord } from '../../../store-health.ts';
import { parseConnectionString } from './connection-string.ts';
import { DbClient } from './db-client.ts';
import { LogClientError } from '../log-client.ts';

/** Longer than a busy machine needs. */
const PATIENCE_MS = 60_000;
const EVENT = {
  id: 'c56a4180-65aa-42ec-a945-5fd21dec0538',
  type: 'Tested',
  data: {},
  metadata: {},
};

describe('the connection of reads and writes', () => {
  let nodes: FakeEventStoreDb[];
  let health: StoreHealthRecord;
  let client: DbClient;

  /** Opens a client that uses plain appends, as the stand-in knows no others. */
  const open = async (count: number): Promise<void> => {
    nodes = await Promise.all(Array.from({ length: count }, () => FakeEventStoreDb.start()));
    const [first] = nodes;
    elect(first!);
    const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const settings = parseConnectionString(`esdb://${hosts}?tls=false`);
    client = new DbClient({ settings, health, timeoutMs: PATIENCE_MS });
    await client.connected(PATIENCE_MS);
  };
  const elect = (leader: FakeEventStoreDb): void => {
    const ports = nodes.map(({ port }) => port);
    for (const node of nodes) node.cluster = { ports, leaderPort: leader.port };
  };
  const append = (stream: string) => client.append(stream, 'no_stream', [EVENT]);
  const appendInTheEnd = (stream: string): Promise<unknown> =>
    until(`an append to ${stream}`, () => append(stream).catch(() => undefined));
  const readHead = () => Array.fromAsync(client.readBackwards({ from: 'end', limit: 1 }));

  beforeEach(() => {
    health = new StoreHealthRecord();
  });
  afterEach(async () => {
    await client.dispose();
    for (const node of nodes) node.stop();
  });

  it(
    'leads to the leader of a cluster',
    async () => {
      await open(3);
      await append('user-1');
      expect(nodes.map(({ appends }) => appends)).toEqual([['user-1'], [], []]);
      expect(health.health).toMatchObject({ state: 'up', lastGoodReadAt: expect.any(Number) });
    },
    PATIENCE_MS,
  );

  it(
    'ends reads and writes on a leader that does not answer, and leads to the next one',
    async () => {
      await open(3);
      const [old, next] = nodes;
      old!.freeze();
      const calls = [append('user-1'), readHead()];
      const failures = calls.map((call) => expect(call).rejects.toThrow(LogClientError));
      elect(next!);
      await Promise.all(failures);
      await appendInTheEnd('user-2');
      expect(next!.appends).toEqual(['user-2']);
      expect(health.health.state).toBe('up');
    },
    PATIENCE_MS,
  );

  it(
    'leaves a node that is no longer the leader',
    async () => {
      await open(3);
      const [, next] = nodes;
      elect(next!);
      await until('a check of the next leader', () => next!.checks > 0 || undefined);
      await appendInTheEnd('user-1');
      expect(next!.appends).toEqual(['user-1']);
    },
    PATIENCE_MS,
  );

  it(
    'does not lead to a leader that the others still name, but that does not answer',
    async () => {
      await open(3);
      nodes[0]!.freeze();
      await until('the store to be away', () => health.health.state === 'away' || undefined);
      await expect(append('user-1')).rejects.toMatchObject({ failure: 'not_handled' });
      expect(nodes.map(({ appends }) => appends)).toEqual([[], [], []]);
    },
    PATIENCE_MS,
  );

  it(
    'comes back to a single node that was frozen',
    async () => {
      await open(1);
      const [only] = nodes;
      only!.freeze();
      const read = readHead();
      await expect(read).rejects.toThrow(LogClientError);
      await until('the store to be away', () => health.health.state === 'away' || undefined);
      expect(health.health.reason).toContain('gave no answer');
      only!.thaw();
      await appendInTheEnd('user-1');
      expect(health.health.state).toBe('up');
    },
    PATIENCE_MS,
  );
});
