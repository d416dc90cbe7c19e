/** Sends the HTTP requests of a soak at fixed rates, from a process of its own. Its first message is an {@link HttpLoad}. */
import { once } from 'node:events';
import { now, waitFor } from '../bench/realtime/clock.ts';
import type { Change } from '../bench/realtime/subjects.ts';
import { HttpClient, type Answer } from '../support/http-client.ts';
import {
  RATES,
  type HttpLoad,
  type HttpLoadReport,
  type RequestKind,
  type Sample,
} from './http-load-protocol.ts';

const REPORT_MS = 2_000;

const [load] = (await once(process, 'message')) as [HttpLoad];
const client = new HttpClient(load.origin, load.credentials);
const reference = new HttpClient(load.reference, load.credentials);
const service = `/v2/Services/${load.serviceSid}`;
/** Sid of the open Connection of each probe. */
const connections = new Map<string, string>();
let samples: Sample[] = [];
let changes: Change[] = [];
let failures: string[] = [];

const turnOf = <T>(list: readonly T[], turn: number): T => {
  const item = list[turn % list.length];
  if (item === undefined) throw new RangeError('The list is empty');
  return item;
};
const pathOf = (user: string): string => `${service}/Users/${user}`;

/** Audits of one User, the last an as-of question about the time two seconds ago. */
function audit(turn: number): Promise<Answer> {
  const user = `${pathOf(turnOf(load.probes, turn))}/Reachability`;
  const asOf = new Date(Date.now() - 2_000).toISOString();
  return client.get(
    turnOf([`${user}/History`, `${user}/Explanation`, `${user}?AsOf=${asOf}`], turn),
  );
}

async function changeOnline(turn: number): Promise<Answer> {
  const subject = turn % load.probes.length;
  const probe = turnOf(load.probes, turn);
  const open = connections.get(probe);
  const path = `${pathOf(probe)}/Connections`;
  changes.push({ at: now(), subject, online: open === undefined });
  if (open !== undefined) {
    connections.delete(probe);
    return client.delete(`${path}/${open}`);
  }
  const answer = await client.post(path, { Ttl: '3600' });
  if (answer.status === 201) connections.set(probe, answer.sid);
  return answer;
}

const REQUESTS: Readonly<Record<RequestKind, (turn: number) => Promise<Answer>>> = {
  get: (turn) => client.get(pathOf(turnOf(load.users, turn * 7))),
  list: (turn) =>
    client.get(
      `${service}/Users?PageSize=50&Reachability=true${turn % 2 === 0 ? '' : '&IsOnline=true'}`,
    ),
  audit,
  write: (turn) => client.post(pathOf(turnOf(load.users, turn)), { FriendlyName: String(turn) }),
  change: changeOnline,
  reference: () => reference.get('/'),
};

async function send(kind: RequestKind, turn: number): Promise<void> {
  const at = now();
  try {
    const { status, text } = await REQUESTS[kind](turn);
    if (status >= 400) failures.push(`${kind} answered ${status} ${text.slice(0, 200)}`);
    samples.push({ kind, at, ms: now() - at });
  } catch (error) {
    failures.push(`${kind} failed: ${String(error)}`);
  }
}

async function keepSending(kind: RequestKind): Promise<void> {
  const startedAt = now();
  for (let turn = 0; ; turn += 1) {
    await waitFor(startedAt + ((turn + Math.random()) * 1_000) / RATES[kind]);
    void send(kind, turn);
  }
}

process.once('disconnect', () => process.exit());
setInterval(() => {
  const report: HttpLoadReport = { samples, changes, failures };
  [samples, changes, failures] = [[], [], []];
  process.send?.(report);
}, REPORT_MS);
await Promise.all(Object.keys(RATES).map((kind) => keepSending(kind as RequestKind)));
