import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { startProgram, type Program } from '../../../support/program.ts';
import { startFixture, startHttpServer, turn, type HttpServerProcess } from '../../http-turns.ts';
import { createManyUsers, readsOf, type ManyUsers } from '../../many-users.ts';
import { cpuSecondsOfTree, endProcess, programPath, startRedis } from '../processes.ts';
import { OURS, takeTurns, type Contender, type Row, type Sample } from '../results.ts';

const TABLE = 'users';
const script = (name: string) => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));

/** `GET` of 500 Users in turn over 32 connections, from servers that read them from different places, or from nowhere. */
export async function getRow(rounds: number): Promise<Row> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const program = await startProgram({ env: { LOG_LEVEL: 'error' } });
    ends.unshift(() => program.stop());
    const users = await createManyUsers(program);
    const missing: string[] = [];
    const contenders = [contender(OURS, program, users, program.url, [program.pid ?? 0])];
    const add = (name: string, { url, child }: HttpServerProcess, ...besides: number[]): void => {
      ends.unshift(() => endProcess(child));
      const pids = [child.pid ?? 0, ...besides];
      contenders.push(contender(name, program, users, url, pids));
    };
    const path = `${users.list}/:user`;
    const bodies = await Promise.all(users.sids.map((sid) => program.get(`${users.list}/${sid}`)));
    const [first] = bodies;
    const text = first?.text ?? '';
    const { accountSid, authToken } = program.credentials;
    add('bare Fastify', await startFixture('bare-fastify.ts', path, text));
    const nest = [path, text, `${accountSid}:${authToken}`];
    add('Nest with a Basic guard', await startHttpServer(script('nest-guard.ts'), ...nest));
    const rows = bodies.map(({ body }) => textsOf(body));
    if (programPath('redis-server') === null) missing.push('redis-server is not installed');
    else {
      const redis = await startRedis();
      ends.unshift(() => redis.stop());
      const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
      ends.unshift(async () => rmSync(folder, { recursive: true }));
      const file = join(folder, 'users.json');
      writeFileSync(file, JSON.stringify(rows));
      const args = [path, `redis://127.0.0.1:${redis.port}`, file];
      add('Fastify + Redis', await startHttpServer(script('redis-user.mjs'), ...args), redis.pid);
    }
    if (!hasPostgres()) missing.push('PostgreSQL is not installed');
    else {
      const postgres = await startPostgres();
      ends.unshift(() => postgres.stop());
      const url = await fill(postgres, rows);
      const bare = await startFixture('bare-fastify-pg.ts', path, url, TABLE);
      add('Fastify + PostgreSQL', bare, postgres.pid);
    }
    return {
      id: 'get',
      title: '`GET` of a User',
      unit: 'requests/s',
      better: 'more',
      series: await takeTurns(contenders, rounds),
      missing,
    };
  } finally {
    for (const end of ends) await end();
  }
}

function contender(
  name: string,
  { credentials }: Program,
  users: ManyUsers,
  origin: string,
  pids: readonly number[],
): Contender {
  const target = readsOf(users, credentials, origin);
  const used = () => pids.reduce((sum, pid) => sum + cpuSecondsOfTree(pid), 0);
  const measure = async (): Promise<Sample> => {
    const before = used();
    const { perSecond, requests } = await turn(target);
    return { value: perSecond, cpuUs: ((used() - before) / requests) * 1e6 };
  };
  return { name, measure };
}

/** The fields of a User as texts, as a hash of Redis or a row of texts holds them. */
function textsOf(body: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** A database with the Users in one table. */
async function fill(
  postgres: PostgresServer,
  rows: readonly Readonly<Record<string, string>>[],
): Promise<string> {
  const connectionString = await postgres.createDatabase();
  const client = new Client({ connectionString });
  await client.connect();
  const columns = Object.keys(rows[0] ?? {});
  const types = columns.map((name) => `"${name}" text${name === 'sid' ? ' PRIMARY KEY' : ''}`);
  await client.query(`CREATE TABLE ${TABLE} (${types.join(', ')})`);
  const places = columns.map((_, index) => `$${index + 1}`);
  for (const row of rows) {
    await client.query(`INSERT INTO ${TABLE} VALUES (${places.join(', ')})`, Object.values(row));
  }
  await client.end();
  return connectionString;
}
