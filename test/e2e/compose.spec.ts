import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../support/eventstored.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { startProgram, type Program } from '../support/program.ts';
import { until } from '../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const FILE = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const run = promisify(execFile);

type Environment = Readonly<Record<string, string>>;

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly environment: Environment; readonly command?: readonly string[] }>
  >;
}

/** The file as compose reads it with these variables. */
function compose(variables: Environment): Compose {
  const text = FILE.replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, fallback: string) => variables[name] ?? fallback,
  );
  return parse(text, { merge: true }) as Compose;
}

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
    const { services } = compose({});
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
    const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
    const { stdout } = await run('sh', ['deploy/new-secrets.sh'], {
      cwd: ROOT,
      env: { PATH: path },
    });
    secrets = toStrings(parseEnv(stdout));
    postgres = await startPostgres({ password: secrets['POSTGRES_PASSWORD'] ?? '' });
    events = await startEventStoreDb();
    await run('sh', [join(ROOT, 'deploy/postgres/roles.sh')], {
      env: {
        PATH: process.env['PATH'],
        ...compose(secrets).services['postgres']?.environment,
        POSTGRES_USER: 'postgres',
        PGHOST: '127.0.0.1',
        PGPORT: String(postgres.port),
        PGPASSWORD: secrets['POSTGRES_PASSWORD'],
      },
    });
    const schema = compose(secrets).services['schema'];
    const [, ...args] = schema?.command ?? [];
    await run(NODE, args, {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...environmentOf('schema') },
    });
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
    const { environment } = compose(secrets).services[name] ?? { environment: {} };
    const { PUBLIC_URL: _, ...settings } = toStrings(environment);
    return Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [
        key,
        key === 'MANAGEMENT_PORT'
          ? '0'
          : value
              .replace('eventstoredb:2113', `127.0.0.1:${events.port}`)
              .replace('@postgres/', `@127.0.0.1:${postgres.port}/`),
      ]),
    );
  }

  it('show at one api who has connected at the other', async () => {
    const [first, second] = [programs.get('api-1'), programs.get('api-2')];
    if (first === undefined || second === undefined) throw new Error('An api did not start');
    const { sid } = await first.post('/v2/Services', { FriendlyName: 'Compose' });
    await first.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
    await first.post(`/v2/Services/${sid}/Users`, { Identity: 'alice' });
    await first.post(`/v2/Services/${sid}/Users/alice/Connections`, { Ttl: '60' });
    await until('alice to be online at the other api', async () => {
      const { body } = await second.get(`/v2/Services/${sid}/Users/alice`);
      return body['is_online'] === true || undefined;
    });
  });
});

/** YAML has numbers; a process has text only. */
function toStrings(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
