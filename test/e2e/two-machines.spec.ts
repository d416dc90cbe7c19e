import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '#postgres';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../support/eventstored.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { startProgram, type Program } from '../support/program.ts';
import { accessToken, connect, type StreamClient } from '../support/stream-client.ts';
import { until } from '../support/until.ts';

const SECRETS = {
  ACCOUNT_SID: `AC${'a'.repeat(32)}`,
  AUTH_TOKEN: 'a-token-for-both-machines',
  API_KEYS: `SK${'b'.repeat(32)}:a-secret-for-both-machines`,
  KEY_ENCRYPTION_KEY: '0f'.repeat(32),
};

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
