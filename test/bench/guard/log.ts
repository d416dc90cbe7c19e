import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { runInChild } from '../child-run.ts';
import { ratioOf, type Compared, type Work } from './ratio.ts';

const BENCHES = resolve(import.meta.dirname, '..');
const APPEND_ROUNDS = 3;
const REBUILD_ROUNDS = 2;
const EVENTS = 20_000;
const USERS = 1_000;

/** Durable appends, 64 at a time, compared with inserts by bare `node:sqlite`, each committed on its own. */
export function appendRatio(): Promise<number> {
  return inFolder((folder) => {
    let files = 0;
    const run = async (what: string): Promise<Work> => {
      files += 1;
      return workOf('guard/append-process.ts', join(folder, `${files}.db`), what);
    };
    return ratioOf({ ours: () => run('ours'), bare: () => run('bare') }, APPEND_ROUNDS);
  });
}

/** A rebuild of a projection, compared with reading and parsing the same log. */
export function rebuildRatio(projection: 'users' | 'timeline'): Promise<number> {
  return inFolder(async (folder) => {
    const log = await openSqliteEventStore({ path: join(folder, 'events.db') });
    await seedStore(log, { users: USERS, events: EVENTS, seed: 7 });
    await log.close();
    const compared: Compared = {
      ours: async () => workOf('rebuild.ts', folder, projection),
      bare: async () => workOf('rebuild.ts', folder, 'bare'),
    };
    return ratioOf(compared, REBUILD_ROUNDS);
  });
}

function workOf(bench: string, ...args: readonly string[]): Work {
  const { events, cpuMs } = runInChild(join(BENCHES, bench), ...args);
  return { operations: events, cpuSeconds: cpuMs / 1_000 };
}

async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-guard-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
