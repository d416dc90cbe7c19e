/**
 * Compares projecting a seeded log into PostgreSQL with a bare loop over the same driver that reads and parses the same
 * log, and upserts one row for each stream that a batch changes, with the checkpoint, in one transaction. The row is as wide
 * as that of a User and has the same indexes. The live runner is
 * compared with batches of its own size; a rebuild with batches as large as its commits. Each run is its own process.
 * Run: `npm run bench -- postgres-projection`, or
 * `node --conditions=source test/bench/postgres-projection.ts [events] [users]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { migrate, openDatabase } from '#postgres';
import { ProjectionRunner } from '#projections';
import { openPostgresReadModel } from '#read-model/adapters/postgres/index';
import { usersProjection } from '#read-model';
import { startPostgres } from '../support/postgres.ts';
import { SINGLE_RUN, measure, rate, ratio, runInChild, type Run } from './child-run.ts';
import { printMachine } from './report.ts';

const SEED = 7;
const ROUNDS = 3;
/** Events in one transaction of the live runner. */
const LIVE_BATCH = 1_000;
const REBUILD_BATCH = 100_000;
/** Further columns of the row that the bare loop writes: 17 in all, as of a User. */
const TEXTS = 14;

const [first = '1000000', second = '50000', third = '', fourth = ''] = process.argv.slice(2);
if (first === SINGLE_RUN) console.log(JSON.stringify(await runOf(second, third, fourth)));
else await compare(Number(first), Number(second));

async function compare(events: number, users: number): Promise<void> {
  printMachine(SEED);
  const directory = mkdtempSync(join(tmpdir(), 'bench-postgres-'));
  const postgres = await startPostgres();
  try {
    const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
    const seeded = await seedStore(log, { users, events, seed: SEED });
    await log.close();
    console.log(`log   ${seeded.events} events, ${users} users`);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const run = async (what: string): Promise<Run> => {
        const url = await postgres.createDatabase();
        await migrate(url);
        const result = runInChild(import.meta.filename, directory, url, what);
        const columns = [what.padEnd(24), `${rate(result)} events/s`];
        const baseline = baselines.get(what.split(' ')[0] ?? '');
        if (baseline === undefined) baselines.set(what.split(' ')[0] ?? '', result);
        else columns.push(ratio(baseline, result));
        console.log(columns.join('   '));
        return result;
      };
      const baselines = new Map<string, Run>();
      for (const what of ['live bare', 'live users', 'rebuild bare']) await run(what);
      for (const what of ['rebuild users', 'rebuild timeline']) await run(what);
    }
  } finally {
    await postgres.stop();
    rmSync(directory, { recursive: true });
  }
}

async function runOf(directory: string, url: string, what: string): Promise<Run> {
  const path = join(directory, 'events.db');
  const [kind, name] = what.split(' ');
  if (name === 'bare') return bareLoop(path, url, kind === 'live' ? LIVE_BATCH : REBUILD_BATCH);
  const log = await openSqliteEventStore({ path });
  const database = openDatabase({ url, name: 'bench' });
  const readModel = await openPostgresReadModel(database, log.epoch);
  const projection = readModel.projections.find((known) => known.name === name);
  if (projection === undefined) throw new Error(`Unknown projection ${name ?? ''}`);
  const run = await measure(async () => {
    if (kind === 'rebuild') return (await projection.rebuild(log)).events;
    const caughtUp = Promise.withResolvers<undefined>();
    const runner = new ProjectionRunner(usersProjection, log, readModel.usersVersions.live(), {
      onStatus: ({ state }) => (state === 'live' ? caughtUp.resolve(undefined) : undefined),
    });
    runner.start();
    await caughtUp.promise;
    await runner.stop();
    return Number(await log.head());
  });
  await database.close();
  await log.close();
  return run;
}

/** The minimal loop of any projection into PostgreSQL. */
async function bareLoop(path: string, url: string, batch: number): Promise<Run> {
  const database = openDatabase({ url, name: 'bench' });
  const filling = Array.from({ length: TEXTS }, (_, index) => `text_${index}`);
  const columns = ['sid', 'service_sid', 'position', ...filling];
  await database.write(
    `CREATE TABLE states (${columns.map((name) => `${name} text COLLATE "C"`).join(', ')},
     PRIMARY KEY (sid)) WITH (fillfactor = 80)`,
  );
  await database.write('CREATE INDEX ON states (service_sid, text_0)');
  await database.write('CREATE TABLE checkpoint (position text)');
  await database.write("INSERT INTO checkpoint VALUES ('')");
  const log = new DatabaseSync(path, { readOnly: true });
  const run = await measure(async () => {
    let count = 0;
    let states = new Map<string, readonly string[]>();
    const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
    const set = columns.slice(1).map((name) => `${name} = excluded.${name}`);
    const commit = (position: string): Promise<number> =>
      database.transaction('long write', async (queries) => {
        const rows = [...states.values()];
        states = new Map();
        await queries.write(
          `INSERT INTO states SELECT * FROM unnest(${arrays})
           ON CONFLICT (sid) DO UPDATE SET ${set.join(', ')}`,
          columns.map((_, index) => rows.map((row) => row[index] ?? null)),
        );
        return queries.write('UPDATE checkpoint SET position = $1', [position]);
      });
    let last = '';
    for (const row of log.prepare('SELECT * FROM events ORDER BY position').iterate()) {
      JSON.parse(String(row['data']));
      JSON.parse(String(row['metadata']));
      last = String(row['position']);
      const stream = String(row['stream']);
      states.set(stream, [stream, 'a service', last, ...filling.map(() => '2026-11-29T12:00:00Z')]);
      count += 1;
      if (count % batch === 0) await commit(last);
    }
    await commit(last);
    return count;
  });
  log.close();
  await database.close();
  return run;
}
