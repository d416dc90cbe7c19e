import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { runInChild, type Run } from '../../child-run.ts';
import { takeTurns, type Row, type Sample, type Series } from '../results.ts';

const BENCH = resolve(import.meta.dirname, '../../rebuild.ts');
const EVENTS = 200_000;
const USERS = 10_000;

/** Rebuilds of two projections from the log in files, compared with reading and parsing the same file. */
export async function rebuildRows(rounds: number): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
  try {
    const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
    await seedStore(log, { users: USERS, events: EVENTS, seed: 7 });
    await log.close();
    const run = (what: string) => ({
      name: what,
      measure: async () => sampleOf(runInChild(BENCH, directory, what)),
    });
    const [timeline, users, bare] = await takeTurns(
      [run('timeline'), run('users'), run('bare')],
      rounds,
      false,
    );
    const rowOf = (name: string, series: Series | undefined): Row => ({
      id: `rebuild-${name}`,
      title: `rebuild of \`${name}\``,
      unit: 'events/s',
      better: 'more',
      series: [
        { contender: 'Reachability', samples: series?.samples ?? [] },
        { contender: 'bare SELECT + JSON.parse', samples: bare?.samples ?? [] },
      ],
      missing: [],
    });
    return [rowOf('timeline', timeline), rowOf('users', users)];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function sampleOf({ events, ms, cpuMs }: Run): Sample {
  return { value: (events / ms) * 1_000, cpuUs: (cpuMs / events) * 1_000 };
}
