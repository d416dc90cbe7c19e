import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate, openDatabase } from '#postgres';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../../support/eventstored.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { textOf } from '../../support/fields.ts';
import { until } from '../../support/until.ts';

const SECRETS = generateSharedSecrets();

const canRun = hasPostgres() && hasEventStoreDb();

/** Each program has a data directory of its own, as on a machine of its own. */
(canRun ? describe : describe.skip)('Programs that share EventStoreDB and PostgreSQL', () => {
  let events: EventStoreDbServer;
  let postgres: PostgresServer;
  let env: Readonly<Record<string, string>>;
  const programs: Program[] = [];
  const clients: StreamClient[] = [];

  beforeAll(async () => {
    [events, postgres] = await Promise.all([startEventStoreDb(), startPostgres()]);
    const DATABASE_URL = await postgres.createDatabase();
    await migrate(DATABASE_URL);
    env = { ...SECRETS, DATABASE_URL, EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: events.url };
  }, 120_000);
  afterAll(async () => {
    await postgres.stop();
    await events.stop();
  });

  beforeEach(async () => {
    programs.push(await startProgram({ env }), await startProgram({ env }));
  }, 120_000);
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await Promise.all(programs.splice(0).map((program) => program.stop()));
  });

  const pair = (): readonly [Program, Program] => {
    const [one, other] = programs;
    if (one === undefined || other === undefined) throw new Error('Two programs were started');
    return [one, other];
  };

  async function newService(program: Program): Promise<string> {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'x' });
    const service = sid;
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await program.post(`/v2/Services/${service}/Reachability`, { GraceSeconds: '0' });
    return service;
  }

  async function open(program: Program, service: string, identity: string): Promise<StreamClient> {
    const client = connect(program, accessToken(program, service, identity));
    clients.push(client);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    return client;
  }

  const untilOnline = (program: Program, service: string, identity: string, online: boolean) =>
    until(`${identity} to be online: ${online}`, async () => {
      const { body } = await program.get(`/v2/Services/${service}/Users/${identity}`);
      return body['is_online'] === online || undefined;
    });

  it('show at one what happens at the other', async () => {
    const [one, other] = pair();
    const service = await newService(one);
    const client = await open(one, service, 'ann');
    await untilOnline(other, service, 'ann', true);
    client.terminate();
    await untilOnline(other, service, 'ann', false);
  }, 120_000);

  /**
   * Writes at one and reads each write at the other, naming its version. Returns the reads that do not show the write, or
   * that say that they may not.
   */
  async function missedReads(one: Program, other: Program, writes: number): Promise<string[]> {
    const users = `/v2/Services/${await newService(one)}/Users`;
    const { sid } = await one.post(users, { Identity: 'ann' });
    const missed: string[] = [];
    for (let write = 1; write <= writes; write += 1) {
      const name = `name ${write}`;
      const written = await one.post(`${users}/${sid}`, { FriendlyName: name });
      const version = textOf(written.headers, 'x-reachability-version');
      const headers = { 'X-Reachability-Version': version };
      const { status, body, headers: said } = await other.get(`${users}/ann`, { headers });
      const isShown = status === 200 && body['friendly_name'] === name;
      if (!isShown || said['x-read-model'] !== undefined) missed.push(`${name}: ${status}`);
    }
    return missed;
  }

  it('show at one each of 200 writes of the other to a read that names its version', async () => {
    const [one, other] = pair();
    expect(await missedReads(one, other, 200)).toEqual([]);
    expect(await missedReads(other, one, 20)).toEqual([]);
  }, 120_000);

  it('show at one what a client of /stream has bound at the other, to a frame that names its version', async () => {
    const [one, other] = pair();
    const service = await newService(one);
    const writer = await open(one, service, 'ann');
    await untilOnline(other, service, 'ann', true);
    const reader = await open(other, service, 'ann');
    const missed: unknown[] = [];
    const check = async (written: Record<string, unknown>, isNotifiable: boolean) => {
      reader.send({ type: 'get', id: 1, user: 'ann', version: written['version'] });
      const read = await reader.next();
      if (read['is_notifiable'] !== isNotifiable || 'behind' in read) missed.push(read);
    };
    for (let round = 0; round < 8; round += 1) {
      writer.send({ type: 'bind', id: 1, binding_type: 'fcm', address: `device ${round}` });
      const bound = await writer.next();
      await check(bound, true);
      writer.send({ type: 'unbind', id: 2, sid: bound['sid'] });
      await check(await writer.next(), false);
    }
    expect(missed).toEqual([]);
  }, 120_000);

  it('hear of each other again after PostgreSQL has ended their connections', async () => {
    const [one, other] = pair();
    const admin = openDatabase({ url: env['DATABASE_URL'] ?? '', name: 'tests' });
    const listeners = `pg_stat_activity WHERE application_name = 'reachability notifications'`;
    const pids = async () =>
      new Set((await admin.query(`SELECT pid FROM ${listeners}`)).map(({ pid }) => pid));
    const before = await pids();
    expect(before.size).toBe(2);
    await admin.query(`SELECT pg_terminate_backend(pid) FROM ${listeners}`);
    expect(await missedReads(one, other, 20)).toEqual([]);
    await until('new connections', async () => {
      const now = await pids();
      return (now.size === before.size && now.isDisjointFrom(before)) || undefined;
    });
    await admin.close();
    expect(await missedReads(other, one, 20)).toEqual([]);
  }, 120_000);

  it('show the Users of a killed one as offline', async () => {
    const [one, other] = pair();
    const service = await newService(other);
    await open(one, service, 'ann');
    await untilOnline(other, service, 'ann', true);
    await one.kill();
    await untilOnline(other, service, 'ann', false);
  }, 120_000);

  it('keep sockets, and lose nobody, while PostgreSQL is away', async () => {
    const [one, other] = pair();
    const service = await newService(one);
    const client = await open(one, service, 'ann');
    await untilOnline(other, service, 'ann', true);
    await postgres.kill();
    const refused = await until('a refusal', async () => {
      const answer = await other.get(`/v2/Services/${service}/Users/ann`);
      return answer.status === 200 ? undefined : answer;
    });
    expect(refused.status).toBe(503);
    await postgres.start();
    await untilOnline(other, service, 'ann', true);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  }, 120_000);
});
