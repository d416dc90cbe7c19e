/**
 * Measures what an api process spends on the log of all others, and computes the processes that 1,000,000 connections
 * need. Changes are appended to an EventStoreDB as other nodes append them: of Users that nobody watches at this process,
 * of Users with one watcher here, and of Users with twenty. They take turns, and the processor time of the process is
 * compared with that of an idle one. Run: `npm run bench -- capacity`, or, after a build,
 * `node --conditions=source test/bench/capacity.ts [changes per second] [rounds]`
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventStore } from '#event-store';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { startEventStoreDb } from '../support/eventstored.ts';
import { startProgram, type Program } from '../support/program.ts';
import { createService } from '../support/services.ts';
import { Appender } from './capacity-appender.ts';
import { printPlan, type Costs } from './capacity-plan.ts';
import { ClientProcess } from './realtime/load.ts';
import { cpuSeconds, makeUsers, type Server } from './realtime/server.ts';
import { printMachine } from './report.ts';

const [first = '1000', second = '3'] = process.argv.slice(2);
const PER_SECOND = Number(first);
const ROUNDS = Number(second);
const SECONDS = 8;
const IDLE_SECONDS = 15;
const USERS = 400;
const MADE_AT_ONCE = 16;
const WATCHERS = 50;
const MANY = 20;
const IDLE_CONNECTIONS = 8_000;

const LIMITS = {
  HANDSHAKES_PER_SECOND: '100000',
  HANDSHAKE_BURST: '100000',
  CONNECTIONS_PER_ADDRESS: '100000',
  WATCHED_USERS_PER_USER: '1000000',
  LOOKUP_BURST_PER_USER: '1000000',
};

/** Users that connect and disconnect at other nodes. */
interface Subjects {
  readonly name: string;
  readonly sids: readonly string[];
  readonly watchers: number;
}

/** What the process used while changes of some Users were followed, for each of them. */
interface Spent {
  readonly seconds: number;
  readonly bytes: number;
}

printMachine(0);
const events = await startEventStoreDb();
const stores = { ...LIMITS, EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: events.url };
const worker = await startProgram({ env: { ...stores, ROLE: 'worker' } });
const api = await startProgram({ env: { ...stores, ROLE: 'api' }, dataDir: worker.dataDir });
const load = new ClientProcess();
try {
  printPlan(await measure(api, await createService(api), await openLog(events.url)));
} finally {
  await load.stop();
  await api.kill();
  await worker.stop();
  await events.stop();
}

function openLog(url: string): Promise<EventStore> {
  return openEventStoreDbEventStore({ url });
}

async function measure(program: Program, serviceSid: string, log: EventStore): Promise<Costs> {
  const { pid = 0, credentials } = program;
  const target = {
    port: Number(new URL(program.url).port),
    access: { credentials, serviceSid },
  };
  const server: Server = { name: 'api', target, pid, program, stop: () => Promise.resolve() };
  const groups: Subjects[] = [];
  for (const watchers of [0, 1, MANY]) {
    const names = Array.from({ length: USERS }, (_, index) => `watched-${watchers}-${index}`);
    const sids: string[] = [];
    while (sids.length < USERS) {
      sids.push(...(await makeUsers(server, names.slice(sids.length, sids.length + MADE_AT_ONCE))));
    }
    groups.push({ name: `${watchers} watchers`, sids, watchers });
  }
  const watched = groups
    .filter(({ watchers }) => watchers > 0)
    .map(({ sids, watchers }) => ({ users: sids, each: (USERS * watchers) / WATCHERS }));
  const open = { do: 'open', target, perSecond: 500, mostWaiting: 500 } as const;
  await load.request({ ...open, prefix: 'watcher-', count: WATCHERS, watched });
  const appender = new Appender(log, serviceSid, PER_SECOND);
  const spent = new Map<Subjects, Spent[]>(groups.map((group) => [group, []]));
  const idle = await idleCores(pid);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [group, rounds] of spent) rounds.push(await follow(pid, appender, group, idle));
  }
  const [nobody, one, many] = groups.map((group) => middle(spent.get(group) ?? []));
  if (nobody === undefined || one === undefined || many === undefined) throw new Error('No groups');
  const before = cpuSeconds(pid);
  await load.request({ ...open, prefix: 'idle-', count: IDLE_CONNECTIONS, watched: [] });
  const connect = (cpuSeconds(pid) - before) / IDLE_CONNECTIONS;
  const perConnection = Math.max(0, (await idleCores(pid)) - idle) / IDLE_CONNECTIONS;
  await log.close();
  return {
    follow: nobody.seconds,
    bytes: nobody.bytes,
    firstDelivery: one.seconds - nobody.seconds,
    delivery: (many.seconds - one.seconds) / (MANY - 1),
    connect,
    idle: perConnection,
  };
}

/** Processor seconds per second of a process that has nothing to do. */
async function idleCores(pid: number): Promise<number> {
  await delay(2_000);
  const before = cpuSeconds(pid);
  await delay(IDLE_SECONDS * 1_000);
  return (cpuSeconds(pid) - before) / IDLE_SECONDS;
}

/** Lets Users change for some seconds. */
async function follow(
  pid: number,
  appender: Appender,
  { name, sids }: Subjects,
  idle: number,
): Promise<Spent> {
  await delay(1_000);
  const began = performance.now();
  const [seconds, bytes] = [cpuSeconds(pid), receivedBytes(pid)];
  const changes = await appender.change(sids, SECONDS);
  await delay(1_000);
  const elapsed = (performance.now() - began) / 1_000;
  const spent = {
    seconds: (cpuSeconds(pid) - seconds - idle * elapsed) / changes,
    bytes: (receivedBytes(pid) - bytes) / changes,
  };
  console.log(
    `${name.padEnd(14)}${(changes / (elapsed - 1)).toFixed(0)} changes/s   ` +
      `${(spent.seconds * 1e6).toFixed(1)} us and ${spent.bytes.toFixed(0)} bytes each`,
  );
  return spent;
}

/** The run with the middle processor time. */
function middle(rounds: readonly Spent[]): Spent | undefined {
  return rounds.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(rounds.length / 2)];
}

/** Bytes that a process has read so far, mostly from its sockets. */
function receivedBytes(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}
