/**
 * Rebuilds projections over a seeded log in the embedded store, beside the bare loop that only reads and parses
 * the same file. Run as `node --conditions=source --expose-gc test/bench/rebuild.ts [events] [users]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#event-store/seed/seed-store';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { printMachine } from './report.ts';

const SEED = 7;
const events = Number(process.argv[2] ?? 1_000_000);
const users = Number(process.argv[3] ?? 50_000);
const ROUNDS = 2;
const MEMORY_FROM = 100_000;

printMachine(SEED);
const directory = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
try {
  const path = join(directory, 'events.db');
  const log = await openSqliteEventStore({ path });
  const seeding = performance.now();
  const seeded = await seedStore(log, { users, events, seed: SEED });
  const took = (performance.now() - seeding) / 1_000;
  console.log(`log   ${seeded.events} events, ${users} users, written in ${took.toFixed(1)} s`);
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const bare = bareLoop(path);
    console.log(`bare SELECT + JSON.parse   ${rate(bare)}`);
    for (const projection of readModel.projections) {
      let rssAtFirst = 0;
      const startedAt = performance.now();
      const { events: folded, version } = await projection.rebuild(log, {
        onProgress: ({ events: done }) => {
          if (rssAtFirst === 0 && done >= MEMORY_FROM) rssAtFirst = process.memoryUsage.rss();
        },
      });
      const seconds = (performance.now() - startedAt) / 1_000;
      const result = { events: folded, seconds };
      const ratio = (folded / seconds / (bare.events / bare.seconds)).toFixed(2);
      const growth = (process.memoryUsage.rss() - rssAtFirst) / 2 ** 20;
      console.log(
        `rebuild ${projection.name.padEnd(18)} ${rate(result)}   ${ratio} x bare   RSS ${growth.toFixed(0)} MB more than at ${MEMORY_FROM} events`,
      );
      await projection.drop(version - 1);
    }
  }
  readModel.close();
  await log.close();
} finally {
  rmSync(directory, { recursive: true });
}

interface Pass {
  readonly events: number;
  readonly seconds: number;
}

function bareLoop(path: string): Pass {
  const db = new DatabaseSync(path, { readOnly: true });
  const startedAt = performance.now();
  let count = 0;
  for (const row of db.prepare('SELECT * FROM events ORDER BY position').iterate()) {
    JSON.parse(String(row['data']));
    JSON.parse(String(row['metadata']));
    count += 1;
  }
  db.close();
  return { events: count, seconds: (performance.now() - startedAt) / 1_000 };
}

function rate({ events: count, seconds }: Pass): string {
  return `${Math.round(count / seconds)} events/s`.padStart(16);
}
