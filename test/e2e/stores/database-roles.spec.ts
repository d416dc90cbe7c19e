import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabasePermissionError, openDatabase } from '#postgres';
import { LIVE_SCHEMA } from '#read-model/adapters/postgres/live-schema';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { Cli } from '../../support/cli.ts';
import { createRoles, type RoleUrls } from '../../support/database-roles.ts';
import { fieldsOf } from '../../support/fields.ts';
import type { JsonObject } from '../../support/http-client.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';
import { WebhookReceiver } from '../../support/webhook-receiver.ts';

/** One api and one worker, each as its role, on one log in a folder. */
(hasPostgres() ? describe : describe.skip)('Roles of PostgreSQL', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'roles-'));
  const secrets = generateSharedSecrets();
  let postgres: PostgresServer;
  let urls: RoleUrls;
  let receiver: WebhookReceiver;
  let api: Program;
  let worker: Program;
  let service: string;

  const cli = (DATABASE_URL: string): Cli => new Cli(dataDir, { DATABASE_URL });
  const start = (role: 'api' | 'worker'): Promise<Program> =>
    startProgram({
      dataDir,
      untilReady: false,
      env: {
        ...secrets,
        ROLE: role,
        DATABASE_URL: urls[role],
        MIGRATE: 'off',
        WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      },
    });
  /** A program that waits for a worker closes its port for a moment before it serves. */
  const ready = (program: Program): Promise<true> =>
    until('readiness', () =>
      program.get('/health/ready').then(
        ({ status }) => status === 200 || undefined,
        () => undefined,
      ),
    );
  const users = (): string => `/v2/Services/${service}/Users`;
  const untilOnline = (identity: string, online: boolean): Promise<true> =>
    until(`${identity} to be online: ${online}`, async () => {
      const { body } = await api.get(`${users()}/${identity}`);
      return body['is_online'] === online || undefined;
    });

  beforeAll(async () => {
    postgres = await startPostgres();
    [urls, receiver] = await Promise.all([createRoles(postgres), WebhookReceiver.start()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([api, worker].map((program) => program.stop()));
    await receiver.stop();
    await postgres.stop();
    rmSync(dataDir, { recursive: true });
  });

  it('are refused a database that was not migrated, with the command that does it', async () => {
    const { code, stderr } = await cli(urls.api).run(
      'users',
      'list',
      '--service',
      `IS${'0'.repeat(32)}`,
    );
    expect({ code, stderr }).toMatchObject({ code: 3 });
    await expect(start('api')).rejects.toThrow(
      /lacks 0001_schema.*run `reachability store migrate`/,
    );
  });

  it('get the schema and their privileges from a command that needs only DATABASE_URL', async () => {
    const roles = ['reachability_api', 'reachability_read', 'reachability_worker'];
    const first = await cli(urls.migrate).json('store', 'migrate');
    expect(first).toMatchObject({ made: expect.arrayContaining(['0001_schema']), roles });
    expect(await cli(urls.migrate).json('store', 'migrate')).toMatchObject({ made: [], roles });
    const { code, stderr } = await cli(urls.api).run('store', 'migrate');
    expect({ code, lines: stderr.trim().split('\n') }).toEqual({
      code: 3,
      lines: [expect.stringContaining('the role that owns the schema')],
    });
  });

  it('let an api that starts first wait for the worker', async () => {
    api = await start('api');
    const { status, body } = await api.get('/health/ready');
    expect({ status, body }).toMatchObject({ status: 503, body: { status: 'awaiting_worker' } });
    worker = await start('worker');
    await Promise.all([ready(api), ready(worker)]);
  });

  it('suffice for everything that clients, gateways and back ends do', async () => {
    service = (await api.post('/v2/Services', { FriendlyName: 'x' })).sid;
    await api.post(`/v2/Services/${service}`, {
      ReachabilityEnabled: 'true',
      PostWebhookUrl: receiver.url,
      WebhookFilters: ['onUserAdded', 'onUserUpdated'],
    });
    await api.post(`/v2/Services/${service}/Reachability`, { GraceSeconds: '0' });

    const client = connect(api, accessToken(api, service, 'ann'));
    expect(await client.next()).toMatchObject({ type: 'ready' });
    await untilOnline('ann', true);
    client.terminate();
    await untilOnline('ann', false);
    await until('a webhook', async () => receiver.received.length > 0 || undefined);

    const repeated = { headers: { 'Idempotency-Key': 'once' } };
    const [one, again] = [
      await api.post(users(), { Identity: 'bob' }, repeated),
      await api.post(users(), { Identity: 'bob' }, repeated),
    ];
    expect([one.status, again.status]).toEqual([201, 201]);
    expect(again.sid).toBe(one.sid);

    const connections = `${users()}/bob/Connections`;
    const { sid: connection } = await api.post(connections, { Ttl: '300' });
    await untilOnline('bob', true);
    expect((await api.post(`${connections}/${connection}`, { Ttl: '10' })).status).toBe(200);
    // The worker closes it when its time has passed.
    await untilOnline('bob', false);
    const { sid: closed } = await api.post(connections, { Ttl: '300' });
    expect((await api.delete(`${connections}/${closed}`)).status).toBe(204);

    const created = await api.post('/v2/ApiKeys', { FriendlyName: 'k', Scopes: 'sign' });
    const key = JSON.parse(created.text) as { readonly sid: string; readonly secret: string };
    const auth = { username: key.sid, password: key.secret };
    await until('the key', async () => {
      const { status } = await api.get(`/v2/Services/${service}`, { auth });
      return status === 403 || undefined;
    });
    expect((await api.delete(`/v2/ApiKeys/${auth.username}`)).status).toBe(204);
    const { body } = await api.get(`/v2/Services/${service}/Webhooks/Deliveries`);
    expect(body['deliveries']).not.toEqual([]);
    expect((await api.get(`${users()}/ann/Reachability/History`)).status).toBe(200);
  });

  it('let the worker make versions of projections, which the api then reads', async () => {
    const asWorker = cli(urls.worker);
    for (const name of ['users', 'timeline']) {
      expect((await asWorker.run('projections', 'rebuild', name)).code).toBe(0);
      expect((await asWorker.run('projections', 'verify', name)).code).toBe(0);
    }
    await untilOnline('ann', false);
    expect((await api.get(`${users()}/ann/Reachability/History`)).status).toBe(200);
    expect((await asWorker.run('projections', 'switch', 'users')).code).toBe(0);
    expect((await asWorker.run('projections', 'drop', 'users', '2')).code).toBe(0);
    await api.post(users(), { Identity: 'cid' });
    await untilOnline('ann', false);
    expect((await asWorker.run('webhooks', 'retry', '--service', service)).code).toBe(0);
  });

  it('let the worker rebuild the summary, which the api then reads', async () => {
    const rebuilt = await cli(urls.worker).run('projections', 'rebuild', 'summary');
    expect(rebuilt).toMatchObject({ code: 0 });
    const summary = await api.get(`/v2/Services/${service}/Reachability/Summary`);
    expect([summary.status, summary.body['users']]).toEqual([200, expect.any(Number)]);
  });

  it('let an operator ask the api for work on projections, which the worker carries out', async () => {
    const jobs = '/v2/Projections/users/Jobs';
    const carriedOut = async (parameters: Readonly<Record<string, string>>) => {
      const { sid, status } = await api.post(jobs, parameters);
      expect([parameters, status]).toEqual([parameters, 202]);
      const job = await until(
        'the end of the job',
        async () => {
          const { body } = await api.get(`${jobs}/${sid}`);
          return body['date_ended'] === null ? undefined : body;
        },
        60_000,
      );
      expect(job).toMatchObject({
        status: 'succeeded',
        runner: expect.stringContaining(`:${String(worker.pid)}:`),
      });
      return job['result'];
    };
    const { body } = await api.get('/v2/Projections/users');
    const result = await carriedOut({ Kind: 'rebuild' });
    expect(result).toMatchObject({ version: expect.any(Number) });
    await carriedOut({ Kind: 'switch', Version: String(Number(body['live_version'])) });
    await carriedOut({ Kind: 'drop', Version: String(fieldsOf(result)['version']) });
    expect(await carriedOut({ Kind: 'verify' })).toMatchObject({
      verification: { differences: 0 },
    });
    await carriedOut({ Kind: 'retry' });
    expect((await api.get('/v2/Projections/users/DeadLetters')).body['dead_letters']).toEqual([]);
    const skip = await api.post(jobs, { Kind: 'skip', Event: 'user-US1@3' });
    expect(skip.status).toBe(400);
    for (const path of ['/v2/Projections/%00', '/v2/Projections/%00/Jobs/x', `${jobs}/%00`]) {
      expect([path, (await api.get(path)).status]).toEqual([path, 404]);
    }
    const retries = `/v2/Services/${service}/Webhooks/Deliveries/Retries`;
    expect((await api.post(retries, {})).status).toBe(200);
    expect((await api.get('/v2/Nodes')).body['nodes']).toMatchObject([
      { status: 'running', lease_status: 'held', role: 'api' },
    ]);
  });

  it('let commands that only read run as the role that only reads', async () => {
    const reader = cli(urls.read);
    const of = ['--service', service];
    const listed = (await reader.json('users', 'list', ...of, '--reachability')) as JsonObject;
    expect(listed['users']).toHaveLength(3);
    for (const args of [
      ['services', 'list'],
      ['users', 'get', 'ann', ...of],
      ['audit', 'user', 'ann', ...of],
      ['keys', 'list'],
      ['projections', 'status'],
      ['projections', 'dead-letters'],
      ['webhooks', 'list'],
      ['store', 'stats'],
    ]) {
      const { code, stderr } = await reader.run(...args);
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    }
    const { code, stderr } = await reader.run('projections', 'rebuild', 'users');
    expect(code).toBe(3);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/permission denied/)]);
  });

  it('are refused nothing that a process tried so far', () => {
    const lines = [api, worker].flatMap(({ output: { stdout, stderr } }) =>
      `${stdout}${stderr}`.split('\n'),
    );
    const refused = lines.filter((line) => line.includes('permission denied'));
    expect(refused).toEqual([expect.stringContaining('Start a process with ROLE=worker')]);
  });

  const FORBIDDEN: Readonly<Record<keyof RoleUrls, readonly string[]>> = {
    owner: [],
    api: [
      'DROP SCHEMA reachability_users_v1 CASCADE',
      `DROP VIEW ${LIVE_SCHEMA}.users`,
      'DELETE FROM reachability_users_v1.users',
      `UPDATE ${LIVE_SCHEMA}.users SET identity = 'x'`,
      "UPDATE reachability.read_model_versions SET state = 'kept'",
      'DELETE FROM reachability.read_models',
      'DELETE FROM reachability.webhook_deliveries',
      'DELETE FROM reachability.projection_jobs',
      'SELECT * FROM reachability.webhook_targets',
      'DELETE FROM reachability.idempotency_records',
      'CREATE SCHEMA another',
      'CREATE TABLE reachability.another (id int)',
      'CREATE TABLE public.another (id int)',
      'CREATE TEMP TABLE another (id int)',
      'DROP TABLE reachability.ttls',
      'DELETE FROM reachability.migrations',
    ],
    worker: [
      'SELECT * FROM reachability.api_key_secrets',
      'INSERT INTO reachability.node_leases DEFAULT VALUES',
      'DROP TABLE reachability.ttls',
      'ALTER TABLE reachability.ttls ADD COLUMN x int',
      'CREATE TABLE reachability.another (id int)',
      'DELETE FROM reachability.migrations',
      'DROP SCHEMA reachability_live CASCADE',
    ],
    migrate: [`SELECT * FROM ${LIVE_SCHEMA}.users`, 'SELECT * FROM reachability_users_v1.users'],
    read: [
      'SELECT * FROM reachability.api_key_secrets',
      'SELECT * FROM reachability.idempotency_records',
      'DELETE FROM reachability.node_leases',
      "UPDATE reachability_users_v1.users SET identity = 'x'",
      `DROP VIEW ${LIVE_SCHEMA}.users`,
      'CREATE SCHEMA another',
    ],
  };

  it.each(['api', 'worker', 'migrate', 'read'] as const)(
    'do not let %s do what it does not need',
    async (role) => {
      const database = openDatabase({ url: urls[role], name: 'tests' });
      const allowed: string[] = [];
      for (const statement of FORBIDDEN[role]) {
        const refused = await database.write(statement).then(
          () => 'allowed',
          (error: unknown) => error,
        );
        if (!(refused instanceof DatabasePermissionError))
          allowed.push(`${statement}: ${String(refused)}`);
      }
      await database.close();
      expect(allowed).toEqual([]);
    },
  );

  it('that have too many connections get 503, until they have fewer', async () => {
    const owner = openDatabase({ url: urls.owner, name: 'tests' });
    const status = async (): Promise<number> => (await api.get(`${users()}/ann`)).status;
    await owner.write('ALTER ROLE reachability_api CONNECTION LIMIT 0');
    await owner.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reachability_api'",
    );
    await until('a refusal', async () => (await status()) === 503 || undefined);
    await owner.write('ALTER ROLE reachability_api CONNECTION LIMIT -1');
    await until('an answer', async () => (await status()) === 200 || undefined);
    await owner.close();
  });

  it('let a reader know that no worker runs', async () => {
    await worker.kill();
    await api.post(users(), { Identity: 'dee' });
    const { code, stderr } = await cli(urls.read).run('users', 'list', '--service', service);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/no worker.*\n$/) });
  });
});
