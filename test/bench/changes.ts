/**
 * Measures the change feed of the built program. Latency: changes at a steady rate, to several readers, from the start of
 * each request; beside a bare Node server that takes the same requests and writes the same bytes. Changes come over HTTP,
 * and from another process that appends to the log itself, which leaves more of two cores to the feed. Replay: a whole log
 * from its start, beside a bare loop that reads and parses the same log.
 * Run after a build: `node --conditions=source test/bench/changes.ts [events] [seconds] [changes per second]`
 */
import { createServer, request as httpRequest, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import {
  reachabilityRegistry,
  serviceStream,
  userSid,
  userStream,
  type ReachabilityEvent,
} from '#domain';
import type { NewEvent } from '#event-store';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { basic, HttpClient, type BasicCredentials } from '../support/http-client.ts';
import { textOf } from '../support/fields.ts';
import { startProgram } from '../support/program.ts';
import { Measurement, printMachine } from './report.ts';

const events = Number(process.argv[2] ?? 1_000_000);
const seconds = Number(process.argv[3] ?? 20);
const PER_SECOND = Number(process.argv[4] ?? 1_000);
const READERS = 10;
const WARM_UP_SECONDS = 3;
const USERS = 20_000;
/** Odd: the User is created, and offline at the end. */
const perUser = Math.ceil(events / USERS) | 1;
const SERVICE = `IS${'c'.repeat(32)}`;
const CHANGES = `/v2/Services/${SERVICE}/Reachability/Changes`;
const END = Buffer.from('\n\n');
const ID = Buffer.from('\nid: ');

/** A reader that only looks at ids: a client that parses would be measured, too. */
class Reader {
  count = 0;
  lastId = '';
  #rest: Buffer = Buffer.alloc(0);
  readonly #onId: (id: string) => void;

  constructor(onId: (id: string) => void) {
    this.#onId = onId;
  }

  async open(origin: string, path: string, credentials: BasicCredentials): Promise<void> {
    const { hostname, port } = new URL(origin);
    const headers = { authorization: basic(credentials) };
    const outgoing = httpRequest({ hostname, port, path, headers, agent: false }).end();
    const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
    response.on('data', (chunk: Buffer) => this.#read(chunk));
    response.on('error', () => undefined);
  }

  #read(chunk: Buffer): void {
    const text = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let end = text.indexOf(END); end !== -1; end = text.indexOf(END, from)) {
      const id = text.indexOf(ID, from);
      if (id !== -1 && id < end) {
        this.count += 1;
        const start = id + ID.length;
        const after = text.indexOf(10, start);
        this.lastId = text.toString('latin1', start, after === -1 ? end : Math.min(after, end));
        this.#onId(this.lastId);
      }
      from = end + END.length;
    }
    this.#rest = text.subarray(from);
  }
}

/** Sends changes at a steady rate; `change` returns the version of change number n. */
async function measure(
  name: string,
  origin: string,
  credentials: BasicCredentials,
  path: string,
  change: (n: number) => Promise<string>,
): Promise<void> {
  const arrivals = new Map<string, number[]>();
  const readers = Array.from(
    { length: READERS },
    () =>
      new Reader((id) => {
        const times = arrivals.get(id);
        if (times === undefined) arrivals.set(id, [performance.now()]);
        else times.push(performance.now());
      }),
  );
  for (const reader of readers) await reader.open(origin, path, credentials);
  const sent = new Map<string, number>();
  const acknowledged = new Map<string, number>();
  const one = async (n: number): Promise<void> => {
    const at = performance.now();
    const version = await change(n);
    if (n < WARM_UP_SECONDS * PER_SECOND) return;
    sent.set(version, at);
    acknowledged.set(version, performance.now());
  };
  const total = (WARM_UP_SECONDS + seconds) * PER_SECOND;
  const pending: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * PER_SECOND));
    while (n < due) pending.push(one(n++));
    await delay(1);
  }
  await Promise.all(pending);
  const rate = total / ((performance.now() - began) / 1_000);
  const deadline = performance.now() + 30_000;
  const [fromStart, fromAck] = [new Measurement(), new Measurement()];
  let missing = 0;
  for (const [version, at] of sent) {
    while ((arrivals.get(version)?.length ?? 0) < READERS && performance.now() < deadline) {
      await delay(5);
    }
    const times = arrivals.get(version) ?? [];
    missing += READERS - times.length;
    for (const time of times) {
      fromStart.record(time - at);
      fromAck.record(Math.max(0, time - (acknowledged.get(version) ?? at)));
    }
  }
  const show = (of: Measurement) =>
    [0.5, 0.99, 1].map((p) => `p${p * 100} ${of.percentile(p).toFixed(1)}`).join(', ');
  console.log(
    `${name}: ${rate.toFixed(0)} changes/s to ${READERS} readers; from the request ${show(fromStart)} ms; ` +
      `from its answer ${show(fromAck)} ms; ${missing} missing`,
  );
}

const START = Date.UTC(2026, 0, 1);
/** Milliseconds since {@link START}: one for each event. */
let clock = 0;

function envelop(event: ReachabilityEvent): NewEvent {
  clock += 1;
  const occurredAt = new Date(START + clock).toISOString();
  const metadata = { occurredAt, correlationId: 'bench', causationId: 'bench', actor: 'cli' };
  return { id: `bench-${clock}`, ...reachabilityRegistry.encode(event), metadata };
}

/** Event number n of a User: it is created, then connects and disconnects in turns. */
function eventOf(user: number, n: number): ReachabilityEvent {
  const ids = { serviceSid: SERVICE, userSid: userSid(SERVICE, `user-${user}`) };
  const profile = { friendlyName: null, attributes: '{}', roleSid: null };
  if (n === 0) {
    return { type: 'UserCreated', data: { ...ids, identity: `user-${user}`, ...profile } };
  }
  const number = user + USERS * Math.ceil(n / 2);
  const connectionSid = `CN${String(number).padStart(32, '0')}`;
  const opened = { transport: 'http', node: null, deviceId: null, ttlSeconds: 86_400 } as const;
  if (n % 2 === 1) return { type: 'ConnectionOpened', data: { ...ids, connectionSid, ...opened } };
  const lastSeenAt = new Date(START + clock).toISOString();
  return { type: 'ConnectionClosed', data: { ...ids, connectionSid, cause: 'clean', lastSeenAt } };
}

/** Writes the log: Users that connect and disconnect in turns, so that nearly every event changes an answer. */
async function build(directory: string): Promise<void> {
  const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
  await log.append(serviceStream(SERVICE), 'no_stream', [
    envelop({ type: 'ServiceCreated', data: { serviceSid: SERVICE, friendlyName: 'Bench' } }),
    envelop({ type: 'ReachabilityEnabled', data: { serviceSid: SERVICE } }),
  ]);
  const STEP = 5;
  for (let from = 0; from < perUser; from += STEP) {
    const count = Math.min(STEP, perUser - from);
    for (let user = 0; user < USERS; user += 64) {
      const group = Array.from({ length: Math.min(64, USERS - user) }, (_, index) => user + index);
      await Promise.all(
        group.map((each) =>
          log.append(
            userStream(userSid(SERVICE, `user-${each}`)),
            from === 0 ? 'no_stream' : from - 1,
            Array.from({ length: count }, (_, n) => envelop(eventOf(each, from + n))),
          ),
        ),
      );
    }
  }
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
  for (const projection of readModel.projections) await projection.rebuild(log);
  readModel.close();
  await log.close();
}

/** Reads and parses the log, as `rebuild` does. Returns events per second. */
function bareRead(directory: string): number {
  const db = new DatabaseSync(join(directory, 'events.db'), { readOnly: true });
  const began = performance.now();
  let count = 0;
  for (const row of db.prepare('SELECT * FROM events ORDER BY position').iterate()) {
    JSON.parse(String(row['data']));
    JSON.parse(String(row['metadata']));
    count += 1;
  }
  db.close();
  return count / ((performance.now() - began) / 1_000);
}

async function bareServer(): Promise<{ url: string; close: () => void }> {
  const readers = new Set<ServerResponse>();
  let n = 0;
  const body = JSON.stringify({ sid: 'x'.repeat(34), ballast: 'x'.repeat(390) });
  const server = createServer((incoming, response) => {
    if (incoming.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      readers.add(response);
      return;
    }
    incoming.resume().on('end', () => {
      n += 1;
      for (const reader of readers) reader.write(`event: change\nid: e:${n}\ndata: ${body}\n\n`);
      response.writeHead(201, { 'x-reachability-version': `e:${n}` }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

const versionIn = (headers: NodeJS.Dict<string | string[]>): string =>
  String(headers['x-reachability-version']);

const directory = mkdtempSync(join(tmpdir(), 'bench-changes-'));
try {
  printMachine(0);
  await build(directory);
  console.log(`log   ${perUser * USERS} events of ${USERS} Users of one Service`);
  const bare = Math.max(bareRead(directory), bareRead(directory));
  console.log(`bare SELECT + JSON.parse   ${bare.toFixed(0)} events/s`);
  const program = await startProgram({ dataDir: directory, env: { LOG_LEVEL: 'error' } });
  const { accountSid: username, authToken: password } = program.credentials;
  const credentials = { username, password };
  const user = await program.get(`/v2/Services/${SERVICE}/Users/user-0/Reachability`);
  const [epoch = ''] = textOf(user.body, 'version').split(':');
  for (let round = 0; round < 3; round += 1) {
    const reader = new Reader(() => undefined);
    const began = performance.now();
    await reader.open(program.url, `${CHANGES}?Since=${epoch}:0`, credentials);
    while (reader.count < perUser * USERS) await delay(5);
    const rate = reader.count / ((performance.now() - began) / 1_000);
    console.log(
      `replay                     ${rate.toFixed(0)} events/s   ${(rate / bare).toFixed(2)} of bare`,
    );
  }
  const connections = new Map<number, string>();
  const change = async (n: number): Promise<string> => {
    const number = n % (USERS / 2);
    const path = `/v2/Services/${SERVICE}/Users/user-${number}/Connections`;
    const open = connections.get(number);
    if (open !== undefined) {
      connections.delete(number);
      return versionIn((await program.delete(`${path}/${open}`)).headers);
    }
    const answer = await program.post(path, {});
    connections.set(number, answer.sid);
    return versionIn(answer.headers);
  };
  const base = await bareServer();
  const client = new HttpClient(base.url, credentials);
  await measure('bare Node server', base.url, credentials, '/', async () =>
    versionIn((await client.post('/', {})).headers),
  );
  client.disconnect();
  base.close();
  await measure('change feed, changes over HTTP', program.url, credentials, CHANGES, change);
  const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
  // Users that no request above has changed have as many events as were built.
  const untouched = USERS / 2;
  const appended = new Map<number, number>();
  await measure('change feed, changes appended', program.url, credentials, CHANGES, async (n) => {
    const user = untouched + (n % untouched);
    const count = appended.get(user) ?? perUser;
    appended.set(user, count + 1);
    const stream = userStream(userSid(SERVICE, `user-${user}`));
    const { position } = await log.append(stream, count - 1, [envelop(eventOf(user, count))]);
    return `${epoch}:${position}`;
  });
  await log.close();
  await program.stop();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
