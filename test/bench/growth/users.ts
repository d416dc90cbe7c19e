import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ids, makeCrowdedReadModel, SERVICE } from '../crowded-read-model.ts';
import { Measurement } from '../report.ts';
import type { Growth, Point } from './curves.ts';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const READS = 500;
const PAGE = { cursor: { after: null }, size: 50 } as const;
/** Steps through the Users in an order in which neighbours are far from each other. */
const STRIDE = 7_919;

/** Reads of one User, and lists of 50, from the read model in files, against the number of Users. */
export async function usersGrowth(): Promise<Growth> {
  const curves = {
    bare: [] as Point[],
    get: [] as Point[],
    list: [] as Point[],
    online: [] as Point[],
  };
  for (const users of SIZES) {
    const directory = mkdtempSync(join(tmpdir(), 'bench-growth-'));
    const path = join(directory, 'read-model.db');
    const readModel = await makeCrowdedReadModel(path, users);
    const db = new DatabaseSync(`${path}.users@v1`, { readOnly: true });
    try {
      const row = db.prepare('SELECT * FROM users WHERE sid = ?');
      const sidOf = (n: number) => ids((n * STRIDE) % users).userSid;
      const add = async (curve: Point[], read: (n: number) => unknown) =>
        curve.push({ x: users, y: await medianOf(read) });
      await add(curves.bare, (n) => row.get(sidOf(n)));
      await add(curves.get, (n) => readModel.users.user(SERVICE, sidOf(n)));
      await add(curves.list, () => readModel.users.users(SERVICE, PAGE, {}));
      await add(curves.online, () => readModel.users.users(SERVICE, PAGE, { isOnline: true }));
    } finally {
      db.close();
      readModel.close();
      rmSync(directory, { recursive: true });
    }
  }
  return {
    id: 'users',
    title: 'Reads against Users of the Service',
    x: 'Users',
    y: 'ms, median',
    curves: [
      { name: 'one User', points: curves.get },
      { name: 'list of 50', points: curves.list },
      { name: 'list of 50 online', points: curves.online },
      { name: 'bare SELECT of one row', points: curves.bare },
    ],
  };
}

/** Median in milliseconds. */
async function medianOf(read: (n: number) => unknown): Promise<number> {
  const measurement = new Measurement();
  for (let n = 0; n < READS; n += 1) {
    const startedAt = performance.now();
    await read(n);
    measurement.record(performance.now() - startedAt);
  }
  return measurement.percentile(0.5);
}
