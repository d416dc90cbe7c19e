import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasCaddy, startCaddy, type Caddy } from '../../support/caddy.ts';
import {
  composeServices,
  newSecrets,
  onThisMachine,
  startComposeDatabase,
  type Environment,
} from '../../support/compose.ts';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../../support/eventstored.ts';
import { hasPostgres, type PostgresServer } from '../../support/postgres.ts';
import { HttpClient } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { accessToken, StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

const hasCompose = spawnSync('docker-compose', ['version']).status === 0;
const itWithCompose = hasCompose ? it : it.skip;

describe('docker-compose.yml', () => {
  itWithCompose('is read by docker-compose', async () => {
    const { stdout } = await run('docker-compose', ['config', '--services'], { cwd: ROOT });
    expect(stdout.trim().split('\n').sort()).toEqual([
      'api-1',
      'api-2',
      'eventstoredb',
      'grafana',
      'postgres',
      'prometheus',
      'proxy',
      'schema',
      'try',
      'worker-1',
      'worker-2',
    ]);
  });

  it('gives every alert a process to scrape, and no process but the proxy a port for clients', () => {
    const services = composeServices('docker-compose.yml');
    const prometheus = readFileSync(join(ROOT, 'deploy/prometheus/prometheus.yml'), 'utf8');
    for (const name of ['api-1', 'api-2', 'worker-1', 'worker-2']) {
      expect(prometheus).toContain(`'${name}:9464'`);
      expect(services[name]).not.toHaveProperty('ports');
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    }
  });
});

const describeWithStores = hasPostgres() && hasEventStoreDb() ? describe : describe.skip;

describeWithStores('The processes of docker-compose.yml, with its settings', () => {
  let secrets: Environment;
  let postgres: PostgresServer;
  let events: EventStoreDbServer;
  const programs = new Map<string, Program>();

  beforeAll(async () => {
    secrets = await newSecrets();
    postgres = await startComposeDatabase(secrets);
    events = await startEventStoreDb();
    for (const names of [
      ['worker-1', 'worker-2'],
      ['api-1', 'api-2'],
    ]) {
      const start = (name: string) => startProgram({ env: environmentOf(name) });
      const started = await Promise.all(names.map(start));
      for (const [index, name] of names.entries()) programs.set(name, started[index]!);
    }
  }, 240_000);
  afterAll(async () => {
    await Promise.all([...programs.values()].map((program) => program.stop()));
    await events.stop();
    await postgres.stop();
  });

  /** The settings of a service, with the stores and addresses of this test. */
  function environmentOf(name: string): Environment {
    const { environment } = composeServices('docker-compose.yml', secrets)[name]!;
    const url = environment['EVENTSTOREDB_URL'] ?? '';
    return {
      ...onThisMachine(environment, postgres),
      EVENTSTOREDB_URL: url.replace('eventstoredb:2113', `127.0.0.1:${events.port}`),
    };
  }

  /** A process that was started. */
  function program(name: string): Program {
    const found = programs.get(name);
    if (found === undefined) throw new Error(`${name} did not start`);
    return found;
  }

  it('show at one api who has connected at the other', async () => {
    const sid = await createService(program('api-1'));
    await program('api-1').post(`/v2/Services/${sid}/Users`, { Identity: 'alice' });
    await program('api-1').post(`/v2/Services/${sid}/Users/alice/Connections`, { Ttl: '60' });
    await until('alice to be online at the other api', async () => {
      const { body } = await program('api-2').get(`/v2/Services/${sid}/Users/alice`);
      return body['is_online'] === true || undefined;
    });
  });

  (hasCaddy() ? describe : describe.skip)('behind Caddy, with its file', () => {
    let caddy: Caddy;
    let client: HttpClient;
    let service: string;
    const sockets: StreamClient[] = [];

    beforeAll(async () => {
      const upstreams = ['api-1', 'api-2'].map((name) => new URL(program(name).url).host);
      caddy = await startCaddy(join(ROOT, 'deploy/caddy/Caddyfile'), upstreams);
      const { accountSid, authToken } = program('api-1').credentials;
      client = new HttpClient(caddy.url, { username: accountSid, password: authToken });
      await until('both processes to be healthy for Caddy', async () => {
        const statuses = await Promise.all([1, 2, 3, 4].map(() => client.get('/health/ready')));
        return statuses.every(({ status }) => status === 200) || undefined;
      });
      service = await createService(program('api-1'));
    });
    afterAll(async () => {
      for (const socket of sockets) socket.terminate();
      client.disconnect();
      await caddy.stop();
    });

    async function connect(identity: string): Promise<void> {
      const token = accessToken(program('api-1'), service, identity);
      const url = `${caddy.url.replace('http', 'ws')}/stream?token=${token}`;
      await until(`${identity} to be connected`, async () => {
        const socket = new StreamClient(url);
        sockets.push(socket);
        const frame = await Promise.race([socket.next(), socket.closed]);
        return 'type' in frame && frame['type'] === 'ready' ? frame : undefined;
      });
    }

    function untilOnline(identity: string): Promise<true> {
      return until(`${identity} to be online`, async () => {
        const { status, body } = await client.get(`/v2/Services/${service}/Users/${identity}`);
        expect(status).toBeLessThan(500);
        return body['is_online'] === true || undefined;
      });
    }

    it('upgrade sockets, and answer requests', async () => {
      await connect('ann');
      await untilOnline('ann');
    });

    it('answer reads and let clients in while one api goes away', async () => {
      await program('api-2').kill();
      for (let count = 0; count < 20; count++) {
        expect((await client.get(`/v2/Services/${service}/Users`)).status).toBe(200);
      }
      await connect('ben');
      await untilOnline('ben');
    });
  });
});
