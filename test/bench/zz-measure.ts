import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AggregateCommandHandler } from '#event-store';
import { deriveSid, serviceAggregate, serviceStream, userAggregate, userSid, userStream } from '#domain';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { openDatabase } from '#postgres';
import { startEventStoreDb } from '../support/eventstored.ts';
import { startPostgres } from '../support/postgres.ts';
import { startProgram, type Program } from '../support/program.ts';

const SECRETS = {
  ACCOUNT_SID: `AC${'a'.repeat(32)}`,
  AUTH_TOKEN: 'a-token-for-both-machines',
  API_KEYS: `SK${'b'.repeat(32)}:a-secret-for-both-machines`,
  KEY_ENCRYPTION_KEY: '0f'.repeat(32),
};
const RATE = Number(process.argv[2] ?? 500);
const SECONDS = Number(process.argv[3] ?? 15);
const WORKERS = Number(process.argv[4] ?? 2);
const cpu = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
const [events, postgres] = await Promise.all([startEventStoreDb(), startPostgres()]);
const DATABASE_URL = await postgres.createDatabase();
const env = { ...SECRETS, DATABASE_URL, EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: events.url, ROLE: 'worker' };
const programs: Program[] = [];
for (let n = 0; n < WORKERS; n += 1) programs.push(await startProgram({ env, untilReady: false }));
await delay(3_000);
const store = await openEventStoreDbEventStore({ url: events.url, clockLeadMs: 5_000 });
const clock = () => new Date();
const users = new AggregateCommandHandler(userAggregate, store, clock);
const services = new AggregateCommandHandler(serviceAggregate, store, clock);
let id = 0;
const context = () => { const commandId = `c ${++id}`; return { commandId, correlationId: commandId, actor: 'bench' }; };
const serviceSid = deriveSid('IS', 'bench');
await services.handle(serviceStream(serviceSid), { type: 'CreateService', serviceSid, friendlyName: 'b' }, context());
await services.handle(serviceStream(serviceSid), { type: 'UpdateService', changes: {}, reachabilityEnabled: true }, context());
const COUNT = 200;
async function change(number: number): Promise<void> {
  const identity = `user ${number % COUNT}`;
  const round = Math.floor(number / COUNT);
  const connectionSid = deriveSid('CN', `${identity} ${round >> 1}`);
  const stream = userStream(userSid(serviceSid, identity));
  if (round % 2 === 0) await users.handle(stream, { type: 'OpenConnection', createAs: { serviceSid, identity }, connectionSid, transport: 'http', node: null, deviceId: null, ttlSeconds: 300 }, context());
  else await users.handle(stream, { type: 'CloseConnection', connectionSid, cause: 'clean', lastSeenAt: clock().toISOString() }, context());
}
const database = openDatabase({ url: DATABASE_URL, name: 'bench' });
const stats = async () => (await database.query(`SELECT xact_commit::bigint AS c, xact_rollback::bigint AS r FROM pg_stat_database WHERE datname = current_database()`))[0]!;
const before = programs.map(({ pid }) => cpu(pid!));
const s0 = await stats();
const start = performance.now();
const pending: Promise<unknown>[] = [];
const errors: unknown[] = [];
for (let sent = 0; sent < RATE * SECONDS;) {
  const due = Math.min(RATE * SECONDS, Math.floor(((performance.now() - start) / 1000) * RATE));
  while (sent < due) pending.push(change(sent++).catch((error) => errors.push(error)));
  await delay(2);
}
await Promise.all(pending);
const took = (performance.now() - start) / 1000;
const head = await store.head();
for (;;) {
  const [row] = await database.query('SELECT position FROM reachability_live.users_checkpoint');
  if (String(row!['position']) >= head!) break;
  await delay(20);
}
const lagged = (performance.now() - start) / 1000 - took;
await delay(1000);
const s1 = await stats();
console.log({ RATE, WORKERS, took, lagged, errors: errors.length, cpuPercent: programs.map(({ pid }, n) => ((cpu(pid!) - before[n]!) / took / 10).toFixed(1)), commitsPerS: (Number(s1['c']) - Number(s0['c'])) / took, rollbacksPerS: (Number(s1['r']) - Number(s0['r'])) / took });
console.log(programs.map(({ output }) => output.stderr.slice(0, 1500)).join('\n--\n'));
await Promise.all(programs.map((p) => p.stop()));
await store.close();
await database.close();
await postgres.stop();
await events.stop();
