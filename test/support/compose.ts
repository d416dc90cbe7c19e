import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { parse } from 'yaml';
import { startPostgres, type PostgresServer } from './postgres.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const run = promisify(execFile);

export type Environment = Readonly<Record<string, string>>;

/** A service of a compose file. */
export interface ComposeService {
  readonly environment: Environment;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly volumes?: readonly string[];
}

/** Returns the services of a compose file of this repository, as compose reads it with these variables. */
export function composeServices(
  file: string,
  variables: Environment = {},
): Readonly<Record<string, ComposeService>> {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, fallback: string) => variables[name] ?? fallback,
  );
  const { services } = parse(text, { merge: true }) as {
    services: Record<string, Partial<ComposeService>>;
  };
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [
      name,
      { ...service, environment: toStrings(service.environment ?? {}) },
    ]),
  );
}

/** Returns new secrets, made as the compose file asks for. */
export async function newSecrets(): Promise<Environment> {
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  const options = { cwd: ROOT, env: { PATH: path } };
  const { stdout } = await run('sh', ['deploy/new-secrets.sh'], options);
  return toStrings(parseEnv(stdout));
}

/** Starts the database of `docker-compose.yml`, with its roles, and with the schema that its service makes. */
export async function startComposeDatabase(secrets: Environment): Promise<PostgresServer> {
  const { postgres: database, schema } = composeServices('docker-compose.yml', secrets);
  if (database === undefined || schema === undefined) throw new Error('A service is missing');
  const postgres = await startPostgres({ password: secrets['POSTGRES_PASSWORD'] ?? '' });
  await run('sh', [join(ROOT, 'deploy/postgres/roles.sh')], {
    env: {
      PATH: process.env['PATH'],
      ...database.environment,
      POSTGRES_USER: 'postgres',
      PGHOST: '127.0.0.1',
      PGPORT: String(postgres.port),
      PGPASSWORD: secrets['POSTGRES_PASSWORD'],
    },
  });
  const [, ...args] = schema.command ?? [];
  const env = { PATH: process.env['PATH'], ...onThisMachine(schema.environment, postgres) };
  await run(NODE, args, { cwd: ROOT, env });
  return postgres;
}

/** Returns the settings of a process of a compose file, with addresses of this test. */
export function onThisMachine(settings: Environment, postgres: PostgresServer): Environment {
  const { PUBLIC_URL: _, ...others } = settings;
  return Object.fromEntries(
    Object.entries(others).map(([name, value]) => [
      name,
      name === 'MANAGEMENT_PORT'
        ? '0'
        : value.replace('@postgres/', `@127.0.0.1:${postgres.port}/`),
    ]),
  );
}

/** YAML has numbers; a process has text only. */
function toStrings(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
