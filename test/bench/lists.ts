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
import {
  reachabilityRegistry,
  serviceStream,
  userSid,
  userStream,
  type ReachabilityEvent,
} from '#domain';
import type { RecordedEvent } from '#event-store';
import { foldBatch, type Projection, type ProjectionVersions } from '#projections';
import {
  pointsUntil,
  presentCounts,
  summaryProjection,
  usersProjection,
  type ReadModel,
  type UserSelection,
} from '#read-model';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { Measurement, printMachine } from './report.ts';

const SERVICE = `IS${'1'.repeat(32)}`;
const PAGE = { cursor: { after: null }, size: 50 } as const;
const READS = 300;
const CHUNK = 20_000;
const ONLINE_EVERY = 100;

const LISTS: readonly (readonly [string, UserSelection])[] = [
  ['all', {}],
  ['online', { isOnline: true }],
  ['offline and notifiable', { isOnline: false, isNotifiable: true }],
  ['unknown', { isOnline: null }],
  ['a prefix of one in a hundred', { identityPrefix: 'user 77' }],
  ['online, by last change', { isOnline: true, order: { by: 'lastChange', descending: true } }],
];

const ids = (n: number) => ({ serviceSid: SERVICE, userSid: userSid(SERVICE, `user ${n}`) });
const profile = { friendlyName: null, attributes: '{}', roleSid: null };
const connection = { transport: 'http', node: null, deviceId: null, ttlSeconds: 300 } as const;
const CN = (n: number): string => `CN${String(n).padStart(32, '0')}`;

/** The nth event of the history: first the Service, then each User, then a connect of one in a hundred. */
function eventAt(n: number, users: number): ReachabilityEvent {
  if (n === 0) return { type: 'ServiceCreated', data: { serviceSid: SERVICE, friendlyName: 'S' } };
  if (n === 1) return { type: 'ReachabilityEnabled', data: { serviceSid: SERVICE } };
  const user = n - 2;
  if (user < users) {
    return { type: 'UserCreated', data: { ...ids(user), identity: `user ${user}`, ...profile } };
  }
  const online = (user - users) * ONLINE_EVERY;
  return {
    type: 'ConnectionOpened',
    data: { ...ids(online), connectionSid: CN(online), ...connection },
  };
}

function recorded(n: number, users: number): RecordedEvent {
  const event = eventAt(n, users);
  return {
    ...reachabilityRegistry.encode(event),
    id: `event ${n}`,
    stream: 'userSid' in event.data ? userStream(event.data.userSid) : serviceStream(SERVICE),
    revision: event.type === 'ConnectionOpened' ? 1 : 0,
    position: String(n + 1).padStart(20, '0'),
    metadata: {
      occurredAt: new Date(Date.UTC(2026, 2, 4) + n * 50).toISOString(),
      correlationId: 'bench',
      causationId: `command ${n}`,
      actor: 'cli',
    },
  };
}

async function project<State>(
  projection: Projection<State, ReachabilityEvent>,
  versions: ProjectionVersions<State>,
  users: number,
): Promise<void> {
  const rows = versions.live();
  const events = 2 + users + Math.floor(users / ONLINE_EVERY);
  for (let from = 0; from < events; from += CHUNK) {
    const before = await rows.checkpoint();
    const chunk = Array.from({ length: Math.min(CHUNK, events - from) }, (_, n) =>
      recorded(from + n, users),
    );
    const folded = await foldBatch(projection, (keys) => rows.load(keys), chunk, before);
    await rows.commit(before, folded.checkpoint, folded.changes);
  }
}

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
  const readModel = openSqliteReadModel(path, 'bench');
  try {
    const startedAt = performance.now();
    await project(usersProjection, readModel.usersVersions, users);
    await project(summaryProjection, readModel.summaryVersions, users);
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
