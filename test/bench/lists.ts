/**
 * Measures pages of filtered lists and the summary of a Service whose Users number 1,000 and 100,000 (or as given), one in
 * a hundred of them online. Reads the read model in files, without HTTP, which costs the same for every list. Baselines:
 * for a page, as many rows by their primary key; for the summary, counting the rows.
 *
 * Run: `npm run bench -- lists [users...]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pointsUntil, presentCounts, type ReadModel, type UserSelection } from '#read-model';
import { ids, makeCrowdedReadModel, SERVICE } from './crowded-read-model.ts';
import { Measurement, printMachine } from './report.ts';

const PAGE = { cursor: { after: null }, size: 50 } as const;
const READS = 300;
const LISTS: readonly (readonly [string, UserSelection])[] = [
  ['all', {}],
  ['online', { isOnline: true }],
  ['offline and notifiable', { isOnline: false, isNotifiable: true }],
  ['unknown', { isOnline: null }],
  ['a prefix of one in a hundred', { identityPrefix: 'user 77' }],
  ['online, by last change', { isOnline: true, order: { by: 'lastChange', descending: true } }],
];

async function measure(read: () => unknown): Promise<Measurement> {
  const measurement = new Measurement();
  for (let n = 0; n < READS; n += 1) {
    const startedAt = performance.now();
    await read();
    measurement.record(performance.now() - startedAt);
  }
  return measurement;
}

function print(name: string, measurement: Measurement, baseline: Measurement): void {
  const [p50, p99] = [measurement.percentile(0.5), measurement.percentile(0.99)];
  const ratio = p50 / baseline.percentile(0.5);
  console.log(
    `  ${name.padEnd(30)} p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  ${ratio.toFixed(2)} of the baseline`,
  );
}

async function measureReads(readModel: ReadModel, path: string, users: number): Promise<void> {
  const db = new DatabaseSync(`${path}.users@v1`, { readOnly: true });
  const byKey = db.prepare('SELECT * FROM users WHERE sid = ?');
  const sids = Array.from({ length: PAGE.size }, (_, n) => ids(n).userSid);
  const rows = await measure(() => sids.map((sid) => byKey.get(sid)));
  for (const [name, selection] of LISTS) {
    const read = () => readModel.users.users(SERVICE, PAGE, selection);
    print(name, await measure(read), rows);
  }
  const count = db.prepare(
    'SELECT count(*), sum(open_connections > 0), sum(bindings > 0) FROM users WHERE service_sid = ?',
  );
  const counted = await measure(() => count.get(SERVICE));
  const now = new Date(Date.UTC(2026, 2, 4) + users * 50).toISOString();
  const present = await measure(async () => {
    const stored = await readModel.summary.summary(SERVICE, []);
    return stored === null ? null : presentCounts(stored);
  });
  print('summary, present', present, counted);
  const series = await measure(async () => {
    const stored = await readModel.summary.summary(SERVICE, ['minute', 'hour']);
    if (stored === null) return null;
    return [pointsUntil(stored, 'minute', now), pointsUntil(stored, 'hour', now)];
  });
  print('summary, with all points', series, counted);
  db.close();
}

async function run(users: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-lists-'));
  const path = join(directory, 'read-model.db');
  const startedAt = performance.now();
  const readModel = await makeCrowdedReadModel(path, users);
  try {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`${users} Users, made in ${seconds} s`);
    await measureReads(readModel, path, users);
  } finally {
    readModel.close();
    rmSync(directory, { recursive: true });
  }
}

printMachine(0);
const sizes = process.argv.slice(2).map(Number);
for (const users of sizes.length === 0 ? [1_000, 100_000] : sizes) await run(users);
