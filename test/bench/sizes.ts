/**
 * Prints what a seeded history takes on disk: an event in each log, and a User and an event in the projections of PostgreSQL
 * and of files, with their indexes. Run: `npm run bench -- sizes`, or
 * `node --conditions=source test/bench/sizes.ts [events] [users]`
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { migrate, openDatabase } from '#postgres';
import { openPostgresReadModel } from '#read-model/adapters/postgres/index';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { startEventStoreDb } from '../support/eventstored.ts';
import { startPostgres } from '../support/postgres.ts';
import { printMachine } from './report.ts';

const SEED = 7;
/** Digits of a position of EventStoreDB that count the bytes of its log. */
const COMMIT_DIGITS = 20;

const [first = '40000', second = '4000'] = process.argv.slice(2);
const options = { events: Number(first), users: Number(second), seed: SEED };
const folder = mkdtempSync(join(tmpdir(), 'bench-sizes-'));
printMachine(SEED);
console.log(
  `log   ${options.events} events, ${options.users} users, with a rebuild of each projection`,
);
try {
  await measureFiles();
  await measurePostgres();
  await measureEventStoreDb();
} finally {
  rmSync(folder, { recursive: true });
}

async function measureFiles(): Promise<void> {
  const log = await openSqliteEventStore({ path: join(folder, 'events.db') });
  await seedStore(log, options);
  const readModel = openSqliteReadModel(join(folder, 'read-model.db'), log.epoch);
  for (const projection of readModel.projections) await projection.rebuild(log);
  const names = readModel.projections.map(({ name }) => name);
  const statuses = await Promise.all(
    readModel.projections.map((projection) => projection.status(log, new Date())),
  );
  readModel.close();
  await log.close();
  print(
    'events.db',
    bytesOf((name) => name.startsWith('events.db')),
  );
  for (const [index, name] of names.entries()) {
    const live = statuses[index]?.versions.find(({ state }) => state === 'live');
    print(
      `file of ${name}`,
      bytesOf((file) => file.includes(`.${name}@v${String(live?.version)}`)),
    );
  }
}

async function measurePostgres(): Promise<void> {
  const postgres = await startPostgres();
  try {
    const url = await postgres.createDatabase();
    await migrate(url);
    const database = openDatabase({ url, name: 'bench' });
    const log = await openSqliteEventStore({ path: join(folder, 'events.db') });
    const readModel = await openPostgresReadModel(database, log.epoch);
    for (const projection of readModel.projections) {
      const { version } = await projection.rebuild(log);
      const [row] = await database.query(
        `SELECT sum(pg_total_relation_size(c.oid))::bigint::text AS bytes FROM pg_class c
         JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = $1 AND relkind = 'r'`,
        [`reachability_${projection.name}_v${version}`],
      );
      print(`PostgreSQL, ${projection.name}`, Number(row?.['bytes']));
    }
    await log.close();
    await database.close();
  } finally {
    await postgres.stop();
  }
}

async function measureEventStoreDb(): Promise<void> {
  const server = await startEventStoreDb();
  try {
    const log = await openEventStoreDbEventStore({ url: server.url });
    const before = Number((await log.head())?.slice(0, COMMIT_DIGITS) ?? 0);
    await seedStore(log, options);
    const after = Number((await log.head())?.slice(0, COMMIT_DIGITS) ?? 0);
    await log.close();
    print('EventStoreDB, log', after - before);
  } finally {
    await server.stop();
  }
}

function bytesOf(belongs: (name: string) => boolean): number {
  const files = readdirSync(folder).filter((name) => belongs(name));
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function print(what: string, bytes: number): void {
  const megabytes = `${(bytes / 1e6).toFixed(1)} MB`;
  const eachEvent = `${(bytes / options.events).toFixed(0)} bytes for each event`;
  const eachUser = `${(bytes / options.users).toFixed(0)} for each User`;
  console.log(`${what.padEnd(24)}${megabytes.padStart(10)}   ${eachEvent}, ${eachUser}`);
}
