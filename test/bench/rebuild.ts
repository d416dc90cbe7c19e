/**
 * Rebuilds projections over a seeded log in the embedded store, beside the bare loop that only reads and parses
 * the same file. Each rebuild is a process of its own, so that its memory is its own.
 * Run: `node --conditions=source test/bench/rebuild.ts [events] [users]`
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#event-store/seed/seed-store';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { printMachine } from './report.ts';

const SEED = 7;
const ROUNDS = 2;
const MEMORY_FROM = 100_000;
const MEASURE = 'measure';

const [first = '1000000', second = '50000', third = ''] = process.argv.slice(2);
if (first === MEASURE) await measure(second, third);
else await compare(Number(first), Number(second));

async function compare(events: number, users: number): Promise<void> {
  printMachine(SEED);
  const directory = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
  try {
    const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
    const startedAt = performance.now();
    const seeded = await seedStore(log, { users, events, seed: SEED });
    await log.close();
    const took = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`log   ${seeded.events} events, ${users} users, written in ${took} s`);
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const projection of ['users', 'timeline']) {
        const args = ['--conditions=source', import.meta.filename, MEASURE, directory, projection];
        spawnSync(process.execPath, [...heapOfLongWork(), ...args], { stdio: 'inherit' });
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** How the command line runs a rebuild. */
function heapOfLongWork(): readonly string[] {
  const path = join(import.meta.dirname, '../../scripts/long-work.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { heap: readonly string[] }).heap;
}

async function measure(directory: string, name: string): Promise<void> {
  const path = join(directory, 'events.db');
  const bare = bareLoop(path);
  const log = await openSqliteEventStore({ path });
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
  const projection = readModel.projections.find((known) => known.name === name);
  if (projection === undefined) throw new Error(`There is no projection ${name}`);
  let rssAtFirst = 0;
  const startedAt = performance.now();
  const { events, version } = await projection.rebuild(log, {
    onProgress: ({ events: done }) => {
      if (rssAtFirst === 0 && done >= MEMORY_FROM) rssAtFirst = process.memoryUsage.rss();
    },
  });
  const rate = (events / (performance.now() - startedAt)) * 1_000;
  const growth = (process.memoryUsage.rss() - rssAtFirst) / 2 ** 20;
  console.log(
    [
      `bare SELECT + JSON.parse ${Math.round(bare)} events/s`,
      `rebuild ${name} ${Math.round(rate)} events/s, ${(rate / bare).toFixed(2)} x bare`,
      `RSS ${growth.toFixed(0)} MB more than at ${MEMORY_FROM} events`,
    ].join('   '),
  );
  await projection.drop(version - 1);
  readModel.close();
  await log.close();
}

/** Events per second of the loop that any rebuild has to contain. */
function bareLoop(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const startedAt = performance.now();
  let count = 0;
  for (const row of db.prepare('SELECT * FROM events ORDER BY position').iterate()) {
    JSON.parse(String(row['data']));
    JSON.parse(String(row['metadata']));
    count += 1;
  }
  db.close();
  return (count / (performance.now() - startedAt)) * 1_000;
}
