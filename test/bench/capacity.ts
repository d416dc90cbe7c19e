/**
 * Measures what an api process spends on the log of all others, and computes the processes that 1,000,000 connections
 * need. Changes are appended to an EventStoreDB as other nodes append them: of Users that nobody watches at this process,
 * of Users with one watcher here, and of Users with twenty. They take turns, and the processor time of the process is
 * compared with that of an idle one. Run: `npm run bench -- capacity`, or, after a build,
 * `node --conditions=source test/bench/capacity.ts [changes per second] [rounds]`
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { reachabilityRegistry, userStream, type ReachabilityEvent } from '#domain';
import { toNewEvents, type EventStore } from '#event-store';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { startEventStoreDb } from '../support/eventstored.ts';
import { startProgram, type Program } from '../support/program.ts';
import { createService } from '../support/services.ts';
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
const WATCHERS = 50;
const MANY = 20;
const IDLE_CONNECTIONS = 4_000;
const LANES = 64;

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
    groups.push({ name: `${watchers} watchers`, sids: await makeUsers(server, names), watchers });
  }
  const watched = groups
    .filter(({ watchers }) => watchers > 0)
    .map(({ sids, watchers }) => ({ users: sids, each: (USERS * watchers) / WATCHERS }));
  const open = { do: 'open', target, perSecond: 500, mostWaiting: 500 } as const;
  await load.request({ ...open, prefix: 'watcher-', count: WATCHERS, watched });
  const appender = new Appender(log, serviceSid);
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
  const perConnection = ((await idleCores(pid)) - idle) / IDLE_CONNECTIONS;
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
  const changes = await appender.change(sids);
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

/** Opens and closes Connections of Users in the log, as another node does. */
class Appender {
  readonly #log: EventStore;
  readonly #serviceSid: string;
  /** By User: the revision of its stream, and the Connection that is open. */
  readonly #users = new Map<string, { revision: number; connection: string | null }>();

  constructor(log: EventStore, serviceSid: string) {
    this.#log = log;
    this.#serviceSid = serviceSid;
  }

  /** Returns the number of changes that were made. */
  async change(sids: readonly string[]): Promise<number> {
    const began = performance.now();
    const total = PER_SECOND * SECONDS;
    let made = 0;
    const lane = async (number: number): Promise<void> => {
      const own = sids.filter((_, index) => index % LANES === number);
      for (let turn = 0; made < total; turn += 1) {
        const due = (made++ / PER_SECOND) * 1_000 - (performance.now() - began);
        if (due > 0) await delay(due);
        await this.#changeOne(own[turn % own.length] ?? '');
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
    return total;
  }

  async #changeOne(userSid: string): Promise<void> {
    const user = this.#users.get(userSid) ?? { revision: 0, connection: null };
    this.#users.set(userSid, user);
    const of = { serviceSid: this.#serviceSid, userSid };
    const at = new Date().toISOString();
    let event: ReachabilityEvent;
    if (user.connection === null) {
      user.connection = `CN${randomBytes(16).toString('hex')}`;
      const opened = { ...of, connectionSid: user.connection, transport: 'stream' } as const;
      const node = { nodeId: 'elsewhere', incarnation: 1 };
      const data = { ...opened, node, deviceId: null, ttlSeconds: null };
      event = { type: 'ConnectionOpened', data };
    } else {
      const data = {
        ...of,
        connectionSid: user.connection,
        cause: 'clean',
        lastSeenAt: at,
      } as const;
      event = { type: 'ConnectionClosed', data };
      user.connection = null;
    }
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, actor: 'bench' };
    const appended = toNewEvents([event], reachabilityRegistry, at, context);
    await this.#log.append(userStream(userSid), user.revision, appended);
    user.revision += 1;
  }
}
