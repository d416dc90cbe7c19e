import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { migrate, openDatabase } from '#postgres';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { TcpProxy } from '../../chaos/tcp-proxy.ts';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../../support/eventstored.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const SECRETS = generateSharedSecrets();
/** Close code of a client that has to reconnect. */
const RESTART = 1012;
const PATIENCE_MS = 60_000;

const canRun = hasPostgres() && hasEventStoreDb();

/** Each program has a data directory of its own, as on a machine of its own. One reaches the stores by links of its own. */
(canRun ? describe : describe.skip)('A machine that is cut off', () => {
  let events: EventStoreDbServer;
  let postgres: PostgresServer;
  let databaseUrl: string;
  let env: Readonly<Record<string, string>>;
  /** Links of the machine that is cut off. */
  let links: { readonly postgres: TcpProxy; readonly events: TcpProxy };
  let one: Program;
  let other: Program;
  let service: string;
  const started: Program[] = [];
  const clients: StreamClient[] = [];

  beforeAll(async () => {
    [events, postgres] = await Promise.all([startEventStoreDb(), startPostgres()]);
    databaseUrl = await postgres.createDatabase();
    await migrate(databaseUrl);
    env = {
      ...SECRETS,
      DATABASE_URL: databaseUrl,
      EVENT_STORE: 'eventstoredb',
      EVENTSTOREDB_URL: events.url,
    };
    links = {
      postgres: await TcpProxy.start(() => postgres.port),
      events: await TcpProxy.start(() => events.port),
    };
    other = await startProgram({ env: { ...env, NODE_ID: 'other' } });
    const { sid } = await other.post('/v2/Services', { FriendlyName: 'x' });
    service = sid;
    await other.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await other.post(`/v2/Services/${service}/Reachability`, { GraceSeconds: '0' });
  }, 180_000);
  afterAll(async () => {
    await other.stop();
    await links.postgres.stop();
    await links.events.stop();
    await postgres.stop();
    await events.stop();
  }, 120_000);

  beforeEach(async () => {
    one = await start({
      NODE_ID: 'one',
      DATABASE_URL: databaseUrl.replace(`:${postgres.port}/`, `:${links.postgres.port}/`),
      EVENTSTOREDB_URL: events.url.replace(`:${events.port}?`, `:${links.events.port}?`),
    });
  }, 120_000);
  afterEach(async () => {
    links.postgres.restore();
    links.events.restore();
    for (const client of clients.splice(0)) client.terminate();
    await Promise.all(started.splice(0).map((program) => program.stop()));
  }, 120_000);

  async function start(settings: Readonly<Record<string, string>>): Promise<Program> {
    const program = await startProgram({ env: { ...env, ...settings } });
    started.push(program);
    return program;
  }

  async function open(program: Program, identity: string): Promise<StreamClient> {
    const client = connect(program, accessToken(program, service, identity));
    clients.push(client);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    return client;
  }

  const untilOnline = (program: Program, identity: string, online: boolean) =>
    until(
      `${identity} to be online: ${online}`,
      async () => {
        const { body } = await program.get(`/v2/Services/${service}/Users/${identity}`);
        return body['is_online'] === online || undefined;
      },
      PATIENCE_MS,
    );

  const untilReady = (program: Program) =>
    until(
      'readiness',
      async () => (await program.get('/health/ready')).status === 200 || undefined,
      PATIENCE_MS,
    );

  /** Events of nodes, in order. */
  async function recorded(): Promise<{ readonly type: string; readonly nodeId: unknown }[]> {
    const store = await openEventStoreDbEventStore({ url: events.url });
    const found: { type: string; nodeId: unknown }[] = [];
    for await (const { type, data } of store.readAll()) {
      const { nodeId } = data as { readonly nodeId?: unknown };
      if (type.startsWith('Node')) found.push({ type, nodeId });
    }
    await store.close();
    return found;
  }

  const losses = async () =>
    (await recorded()).flatMap(({ type, nodeId }) => (type === 'NodeLost' ? [nodeId] : []));

  it.each(['postgres', 'events'] as const)(
    'from %s is like one that died, until it is back: then it begins anew, and its clients as well',
    async (store) => {
      const before = await losses();
      const neighbour = `neighbour-${store}`;
      const [cut] = await Promise.all([open(one, 'ann'), open(other, neighbour)]);
      await Promise.all([untilOnline(other, 'ann', true), untilOnline(other, neighbour, true)]);
      links[store].cut();
      await untilOnline(other, 'ann', false);
      links[store].restore();
      expect((await cut.closed).code).toBe(RESTART);
      await untilReady(one);
      await open(one, 'ann');
      await Promise.all([untilOnline(other, 'ann', true), untilOnline(one, 'ann', true)]);
      expect(await losses()).toEqual([...before, 'one']);
      const history = `/v2/Services/${service}/Users/${neighbour}/Reachability/History`;
      const { body } = await other.get(history);
      expect(JSON.stringify(body['history'])).not.toContain('"is_online":false');
    },
    180_000,
  );

  it('from PostgreSQL stops in good order', async () => {
    await open(one, 'ann');
    links.postgres.cut();
    expect(await one.stop()).toBe(0);
    await untilOnline(other, 'ann', false);
    expect((await recorded()).at(-1)).toEqual({ type: 'NodeStopped', nodeId: 'one' });
  }, 180_000);

  it('from a frozen PostgreSQL like all others loses nobody, and closes no socket', async () => {
    const before = await losses();
    const held = await Promise.all([open(one, 'ann'), open(other, 'bob')]);
    await Promise.all([untilOnline(other, 'ann', true), untilOnline(one, 'bob', true)]);
    postgres.freeze();
    try {
      await Promise.all([one, other].map((program) => untilLeaseIsLate(program)));
      // Whoever connects meanwhile is acknowledged after a look at the log.
      await open(one, 'cid');
    } finally {
      postgres.thaw();
    }
    await untilRenewed(4);
    expect(await losses()).toEqual(before);
    await Promise.all(['ann', 'bob', 'cid'].map((identity) => untilOnline(other, identity, true)));
    expect(held.map(({ socket }) => socket.readyState)).toEqual(
      held.map(({ socket }) => socket.OPEN),
    );
  }, 180_000);

  it('and was killed is replaced under its id on another machine, without its lease being waited for twice', async () => {
    await open(one, 'ann');
    await untilOnline(other, 'ann', true);
    await one.kill();
    const replacement = await start({ NODE_ID: 'one' });
    await untilOnline(other, 'ann', false);
    await open(replacement, 'ann');
    await untilOnline(other, 'ann', true);
    await expect(start({ NODE_ID: 'one' })).rejects.toThrow('NODE_ID one is in use');
  }, 180_000);

  it('because it is frozen leaves its id to another, and takes another one itself', async () => {
    const frozen = await start({});
    const client = await open(frozen, 'ann');
    await untilOnline(other, 'ann', true);
    process.kill(frozen.pid ?? 0, 'SIGSTOP');
    await untilOnline(other, 'ann', false);
    const next = await start({});
    process.kill(frozen.pid ?? 0, 'SIGCONT');
    expect((await client.closed).code).toBe(RESTART);
    await untilReady(frozen);
    await Promise.all([open(frozen, 'ann'), open(next, 'bob')]);
    await Promise.all([untilOnline(other, 'ann', true), untilOnline(other, 'bob', true)]);
    const ids = (await recorded()).filter(({ nodeId }) => String(nodeId).startsWith('node-'));
    expect(ids).toEqual([
      { type: 'NodeStarted', nodeId: 'node-1' },
      { type: 'NodeLost', nodeId: 'node-1' },
      { type: 'NodeStarted', nodeId: 'node-1' },
      { type: 'NodeStarted', nodeId: 'node-2' },
    ]);
  }, 180_000);

  /** Settles when other nodes might have declared this one lost, if they could read leases. */
  async function untilLeaseIsLate(program: Program): Promise<void> {
    await until(
      'a late renewal',
      async () => {
        const { text } = await program.get('/metrics');
        return /late_lease_renewals_total [1-9]/.test(text) || undefined;
      },
      PATIENCE_MS,
    );
  }

  /** Settles when every node has renewed its lease a number of times from now on. */
  async function untilRenewed(times: number): Promise<void> {
    const database = openDatabase({
      url: databaseUrl,
      name: 'tests',
      connectTimeoutMs: PATIENCE_MS,
      statementTimeoutMs: PATIENCE_MS,
    });
    const counters = async () => {
      const rows = await database.query('SELECT node_id, counter FROM reachability.node_leases');
      return new Map(rows.map((row) => [row['node_id'], Number(row['counter'])]));
    };
    const before = await counters();
    await until(
      'renewals',
      async () => {
        const now = await counters();
        return (
          [...before].every(([id, counter]) => (now.get(id) ?? 0) >= counter + times) || undefined
        );
      },
      PATIENCE_MS,
    );
    await database.close();
  }
});
