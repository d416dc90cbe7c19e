import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { runInChild } from '../child-run.ts';
import type { Growth, Point } from './curves.ts';

const BENCH = resolve(import.meta.dirname, '../rebuild.ts');
const SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000];
const EVENTS_OF_A_USER = 20;

/** Processor time of rebuilds, against the events in the log. */
export async function eventsGrowth(): Promise<Growth> {
  const curves = { users: [] as Point[], timeline: [] as Point[], bare: [] as Point[] };
  for (const events of SIZES) {
    const directory = mkdtempSync(join(tmpdir(), 'bench-growth-'));
    try {
      const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
      await seedStore(log, { users: events / EVENTS_OF_A_USER, events, seed: 7 });
      await log.close();
      for (const [what, points] of Object.entries(curves)) {
        points.push({ x: events, y: runInChild(BENCH, directory, what).cpuMs / 1_000 });
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
  return {
    id: 'events',
    title: 'A rebuild against the events in the log',
    x: 'events',
    y: 's of processor time',
    curves: [
      { name: 'timeline', points: curves.timeline },
      { name: 'users', points: curves.users },
      { name: 'bare SELECT + JSON.parse', points: curves.bare },
    ],
  };
}
