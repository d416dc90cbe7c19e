/**
 * Measures queries about the past over HTTP, one after another: as of a random time, a page of the history, and a
 * thousand Users at once. The seeded log has 1,000,000 events, and one User with 100,000 more; the projections are built
 * before. Run after a build: `node --conditions=source test/bench/as-of.ts [events] [users]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  reachabilityRegistry,
  serviceStream,
  userSid,
  userStream,
  type ReachabilityEvent,
} from '#domain';
import type { NewEvent, Position } from '#event-store';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import type { JsonObject } from '../support/http-client.ts';
import { startProgram, type Program } from '../support/program.ts';
import { Measurement, printMachine, seededRandom } from './report.ts';

const SEED = 7;
const events = Number(process.argv[2] ?? 1_000_000);
const users = Number(process.argv[3] ?? 50_000);
const BUSY_EVENTS = 100_000;
const REQUESTS = 2_000;
const QUERIES = 300;
const STEP_MS = 1_000;
const MAX_USERS = 1_000;
const BUSY_SERVICE = `IS${'b'.repeat(32)}`;
const BUSY_USER = userSid(BUSY_SERVICE, 'busy');

interface Subject {
  readonly serviceSid: string;
  readonly userSid: string;
  readonly from: number;
  readonly until: number;
}

async function build(directory: string): Promise<Subject> {
  const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
  const startedAt = performance.now();
  await seedStore(log, { users, events, seed: SEED });
  const [last] = await Array.fromAsync(log.readAll({ after: positionOf(events - 1) }));
  const start = Date.parse(last?.metadata.occurredAt ?? '') + 60_000;
  const busy = await addBusyUser(start, async (stream, from, batch) => {
    await log.append(stream, from === 0 ? 'no_stream' : from - 1, batch);
  });
  for (const projection of readModel.projections) await projection.rebuild(log);
  readModel.close();
  await log.close();
  console.log(`built in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return busy;
}

const positionOf = (n: number): Position => String(n).padStart(20, '0');

/** Appends a User that connects or disconnects every second, at the end of the log. */
async function addBusyUser(
  start: number,
  append: (stream: string, from: number, events: readonly NewEvent[]) => Promise<void>,
): Promise<Subject> {
  const ids = { serviceSid: BUSY_SERVICE, userSid: BUSY_USER };
  const at = (n: number): string => new Date(start + n * STEP_MS).toISOString();
  const envelop = (event: ReachabilityEvent, n: number): NewEvent => ({
    id: `busy-${event.type}-${n}`,
    ...reachabilityRegistry.encode(event),
    metadata: { occurredAt: at(n), correlationId: 'busy', causationId: `busy-${n}`, actor: 'cli' },
  });
  const service: ReachabilityEvent[] = [
    {
      type: 'ServiceCreated',
      data: { serviceSid: BUSY_SERVICE, friendlyName: 'Busy' },
    },
    { type: 'ReachabilityEnabled', data: { serviceSid: BUSY_SERVICE } },
  ];
  await append(
    serviceStream(BUSY_SERVICE),
    0,
    service.map((event) => envelop(event, 0)),
  );
  const profile = { identity: 'busy', friendlyName: null, attributes: '{}', roleSid: null };
  const event = (n: number): ReachabilityEvent => {
    if (n === 0) return { type: 'UserCreated', data: { ...ids, ...profile } };
    const connectionSid = `CN${String(Math.ceil(n / 2)).padStart(32, '0')}`;
    const opened = { transport: 'http', node: null, deviceId: null, ttlSeconds: 60 } as const;
    return n % 2 === 1
      ? { type: 'ConnectionOpened', data: { ...ids, connectionSid, ...opened } }
      : {
          type: 'ConnectionClosed',
          data: { ...ids, connectionSid, cause: 'timeout', lastSeenAt: at(n - 0.5) },
        };
  };
  for (let from = 0; from < BUSY_EVENTS; from += 1_000) {
    const batch = Array.from({ length: 1_000 }, (_, n) => envelop(event(from + n), from + n));
    await append(userStream(BUSY_USER), from, batch);
  }
  return { ...ids, from: start, until: start + (BUSY_EVENTS - 1) * STEP_MS };
}

/** Users of the seeded history, from all its Services, with the time range in which they exist. */
async function subjects(program: Program, until: number): Promise<Subject[]> {
  const { body } = await program.get('/v2/Services?PageSize=100');
  const services = (body['services'] as { sid: string }[]).map(({ sid }) => sid);
  const found: Subject[] = [];
  for (const serviceSid of services.filter((sid) => sid !== BUSY_SERVICE)) {
    let next: string | null = `/v2/Services/${serviceSid}/Users?PageSize=100`;
    for (let page = 0; next !== null && page < 10; page += 1) {
      const list: JsonObject = (await program.get(next)).body;
      for (const user of list['users'] as { sid: string; date_created: string }[]) {
        const from = Date.parse(user.date_created) + 1_000;
        found.push({ serviceSid, userSid: user.sid, from, until });
      }
      const { next_page_url: url } = list['meta'] as { next_page_url: string | null };
      next = url?.replace(program.url, '') ?? null;
    }
  }
  return found;
}

async function measure(
  name: string,
  times: number,
  aimMs: number,
  ask: (n: number) => Promise<{ readonly status: number; readonly text: string }>,
): Promise<void> {
  const result = new Measurement();
  for (let n = -50; n < times; n += 1) {
    const startedAt = performance.now();
    const { status, text } = await ask(Math.abs(n));
    const ms = performance.now() - startedAt;
    if (status !== 200) throw new Error(`${name}: ${status} ${text}`);
    if (n >= 0) result.record(ms);
  }
  const [p50, p99] = [0.5, 0.99].map((p) => `${result.percentile(p).toFixed(2)} ms`);
  console.log(
    `${name.padEnd(44)} p50 ${p50?.padStart(9)}   p99 ${p99?.padStart(9)}   aim ${aimMs} ms`,
  );
}

const directory = mkdtempSync(join(tmpdir(), 'bench-as-of-'));
try {
  printMachine(SEED);
  console.log(`log   ${events + BUSY_EVENTS} events, ${users} users`);
  const busy = await build(directory);
  const program = await startProgram({ dataDir: directory, env: { LOG_LEVEL: 'error' } });
  try {
    const random = seededRandom(SEED);
    const some = await subjects(program, busy.from);
    const any = (): Subject => some[Math.floor(random() * some.length)] ?? busy;
    const path = ({ serviceSid, userSid: sid }: Subject, rest: string): string =>
      `/v2/Services/${serviceSid}/Users/${sid}/Reachability${rest}`;
    const asOf = (subject: Subject) => {
      const { from, until } = subject;
      const at = new Date(from + random() * (until - from)).toISOString();
      return program.get(path(subject, `?AsOf=${at}`));
    };
    await measure('as of a moment', REQUESTS, 25, () => asOf(any()));
    await measure('as of a moment, 100,000 events of one User', REQUESTS, 25, () => asOf(busy));
    const history = (subject: Subject, token = '') =>
      program.get(path(subject, `/History?PageSize=50${token}`));
    await measure('page of 50 of a history', REQUESTS, 100, () => history(any()));
    await measure('page of 50, 100,000 events of one User', REQUESTS, 100, () => {
      const position = positionOf(events + Math.floor(random() * BUSY_EVENTS));
      const token = Buffer.from(position).toString('base64url');
      return history(busy, `&PageToken=PA${token}`);
    });
    const [first] = some;
    const one = some.filter(({ serviceSid }) => serviceSid === first?.serviceSid);
    const User = one.slice(0, MAX_USERS).map(({ userSid: sid }) => sid);
    const query = `/v2/Services/${first?.serviceSid ?? ''}/Reachability/Query`;
    await measure(`${User.length} users at once`, QUERIES, 20, () =>
      program.post(query, undefined, { json: { User } }),
    );
  } finally {
    await program.stop();
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
