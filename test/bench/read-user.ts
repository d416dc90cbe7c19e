/**
 * Compares `GET .../Users/{sid}` with a bare Fastify route that answers the same bytes. Each runs in its own process,
 * with autocannon in a third. They take turns, so that other load of the machine affects both.
 * Run: `node --conditions=source test/bench/read-user.ts`, after a build
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { basic } from '../support/http-client.ts';
import { startProgram } from '../support/program.ts';
import { createService } from '../support/services.ts';
import { printMachine } from './report.ts';

const ROUNDS = 5;
const TURN_SECONDS = 3;
const CONNECTIONS = 32;
const ROOT = resolve(import.meta.dirname, '../..');
const BIN = join(ROOT, 'node_modules/.bin');

interface Turn {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** The used part of autocannon's report; latencies in milliseconds. */
interface Report {
  readonly requests: { readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly duration: number;
  readonly errors: number;
  readonly non2xx: number;
}

async function turn(url: string, authorization: string): Promise<Turn> {
  const flags = ['--json', '-c', String(CONNECTIONS), '-d', String(TURN_SECONDS)];
  const { stdout } = await promisify(execFile)(join(BIN, 'node'), [
    join(ROOT, 'node_modules/autocannon/autocannon.js'),
    ...flags,
    '-H',
    `authorization=${authorization}`,
    url,
  ]);
  const { requests, latency, duration, errors, non2xx } = JSON.parse(stdout) as Report;
  if (errors + non2xx > 0) throw new Error(`${errors + non2xx} requests failed`);
  return { perSecond: requests.total / duration, p50: latency.p50, p99: latency.p99 };
}

async function startBare(
  path: string,
  body: string,
): Promise<{ url: string; child: ChildProcess }> {
  const file = join(ROOT, 'test/fixtures/bare-fastify.ts');
  const child = spawn(join(BIN, 'node'), ['--conditions=source', file, path, body], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: line.toString().trim(), child };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function print(name: string, turns: readonly Turn[], baseline?: readonly Turn[]): void {
  const rate = (list: readonly Turn[]) => median(list.map(({ perSecond }) => perSecond));
  const columns = [
    name.padEnd(28),
    `${Math.round(rate(turns))} requests/s`.padStart(18),
    `p50 ${median(turns.map(({ p50 }) => p50))} ms`.padStart(12),
    `p99 ${median(turns.map(({ p99 }) => p99))} ms`.padStart(12),
  ];
  if (baseline !== undefined) {
    columns.push(`${(rate(turns) / rate(baseline)).toFixed(2)} x bare`.padStart(14));
  }
  console.log(columns.join(''));
}

const program = await startProgram({ env: { LOG_LEVEL: 'error' } });
try {
  const users = `/v2/Services/${await createService(program)}/Users`;
  const user = await program.post(users, { Identity: 'ann', Attributes: '{"team":"sales"}' });
  await program.post(`${users}/ann/Connections`);
  const path = `${users}/${user.sid}`;
  const { text } = await program.get(path);
  const { accountSid, authToken } = program.credentials;
  const authorization = basic({ username: accountSid, password: authToken });
  const bare = await startBare(path, text);
  try {
    printMachine(0);
    await turn(`${bare.url}${path}`, authorization);
    await turn(`${program.url}${path}`, authorization);
    const results: { bare: Turn[]; ours: Turn[] } = { bare: [], ours: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      results.bare.push(await turn(`${bare.url}${path}`, authorization));
      results.ours.push(await turn(`${program.url}${path}`, authorization));
    }
    print('bare Fastify route', results.bare);
    print('GET .../Users/{sid}', results.ours, results.bare);
  } finally {
    bare.child.kill();
  }
} finally {
  await program.stop();
}
