/**
 * Compares rebuilds of projections over a seeded log in the embedded store with a bare loop that only reads and parses
 * the same file. Each run is its own process, started as the CLI starts a rebuild, so that no run gets a warm heap from
 * another. Run: `npm run bench -- rebuild`, or
 * `node --conditions=source test/bench/rebuild.ts [events] [users]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { SINGLE_RUN, runInChild, measure, rate, ratio, type Run } from './child-run.ts';
import { printMachine } from './report.ts';

const SEED = 7;
const ROUNDS = 2;
const MEMORY_FROM = 100_000;
/** Events between two readings of the memory; a reading costs as much as some hundreds of events. */
const SAMPLE_EVERY = 10_000;
const BARE = 'bare';

const [first = '1000000', second = '50000', third = ''] = process.argv.slice(2);
if (first === SINGLE_RUN) console.log(JSON.stringify(await runOf(second, third)));
else await compare(Number(first), Number(second));

async function compare(events: number, users: number): Promise<void> {
  printMachine(SEED);
  const directory = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
  try {
    const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
    const startedAt = performance.now();
    const seeded = await seedStore(log, { users, events, seed: SEED });
    await log.close();
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`log   ${seeded.events} events, ${users} users, written in ${seconds} s`);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const bare = runInChild(import.meta.filename, directory, BARE);
      console.log(`bare SELECT + JSON.parse   ${rate(bare)} events/s`);
      for (const projection of ['users', 'timeline', 'summary']) {
        const rebuilt = runInChild(import.meta.filename, directory, projection);
        const columns = [
          `rebuild ${projection.padEnd(10)} ${rate(rebuilt)} events/s`,
          ratio(bare, rebuilt),
          `at most ${((rebuilt.growth ?? 0) / 2 ** 20).toFixed(0)} MB of RSS more than at ${MEMORY_FROM} events`,
        ];
        console.log(columns.join('   '));
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function runOf(directory: string, what: string): Promise<Run> {
  const path = join(directory, 'events.db');
  if (what === BARE) return measure(() => bareLoop(path));
  const log = await openSqliteEventStore({ path });
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
  const projection = readModel.projections.find(({ name }) => name === what);
  if (projection === undefined) throw new Error(`Unknown projection ${what}`);
  let version = 0;
  let from = 0;
  let maxRss = 0;
  let sampledAt = 0;
  const sample = (done: number): void => {
    if (done < sampledAt + SAMPLE_EVERY) return;
    sampledAt = done;
    const rss = process.memoryUsage.rss();
    if (from === 0 && done >= MEMORY_FROM) from = rss;
    maxRss = Math.max(maxRss, rss);
  };
  const run = await measure(async () => {
    const rebuilt = await projection.rebuild(log, { onProgress: ({ events }) => sample(events) });
    version = rebuilt.version;
    sample(Infinity);
    return rebuilt.events;
  });
  await projection.drop(version - 1);
  readModel.close();
  await log.close();
  return { ...run, growth: maxRss - from };
}

/** The minimal loop of any rebuild. */
function bareLoop(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  let count = 0;
  for (const row of db.prepare('SELECT * FROM events ORDER BY position').iterate()) {
    JSON.parse(String(row['data']));
    JSON.parse(String(row['metadata']));
    count += 1;
  }
  db.close();
  return count;
}
