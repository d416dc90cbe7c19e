import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Load } from '../fixtures/http-load.ts';

const TURN_SECONDS = 3;
const CONNECTIONS = 32;
const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');

/** One measured turn of a server; latencies in milliseconds. */
export interface Turn {
  readonly requests: number;
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

/** A server, and what it is asked for. */
export interface Target {
  readonly origin: string;
  readonly paths: readonly string[];
  readonly authorization: string;
}

/**
 * Sends requests for some seconds from a process of its own.
 *
 * @param amount of requests to send instead, however long it takes
 * @throws Error if a request fails
 */
export async function turn(target: Target, amount?: number): Promise<Turn> {
  const end = amount === undefined ? { duration: TURN_SECONDS } : { amount };
  const load: Load = { ...target, connections: CONNECTIONS, end };
  const file = join(ROOT, 'test/fixtures/http-load.ts');
  const { stdout } = await promisify(execFile)(NODE, [file, JSON.stringify(load)]);
  const { requests, latency, duration, errors, non2xx } = JSON.parse(stdout) as Report;
  if (errors + non2xx > 0) throw new Error(`${errors + non2xx} requests failed`);
  return {
    requests: requests.total,
    perSecond: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
  };
}

/** Measures several servers at the same time: the sum of their rates, and the worst of their latencies. */
export async function turnOfAll(targets: readonly Target[]): Promise<Turn> {
  const turns = await Promise.all(targets.map((target) => turn(target)));
  return {
    requests: turns.reduce((sum, { requests }) => sum + requests, 0),
    perSecond: turns.reduce((sum, { perSecond }) => sum + perSecond, 0),
    p50: Math.max(...turns.map(({ p50 }) => p50)),
    p99: Math.max(...turns.map(({ p99 }) => p99)),
  };
}

/** A server in a process of its own. */
export interface HttpServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Starts a server of `test/fixtures`. */
export function startFixture(name: string, ...args: readonly string[]): Promise<HttpServerProcess> {
  return startHttpServer(join(ROOT, 'test/fixtures', name), ...args);
}

/** Starts a program that prints its URL once it listens. */
export async function startHttpServer(
  file: string,
  ...args: readonly string[]
): Promise<HttpServerProcess> {
  const child = spawn(NODE, ['--conditions=source', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: line.toString().trim(), child };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Prints the medians of some turns, with the rate as a multiple of a baseline's. */
export function printTurns(name: string, turns: readonly Turn[], baseline?: readonly Turn[]): void {
  const rate = (list: readonly Turn[]) => median(list.map(({ perSecond }) => perSecond));
  const columns = [
    name.padEnd(36),
    `${Math.round(rate(turns))} requests/s`.padStart(18),
    `p50 ${median(turns.map(({ p50 }) => p50))} ms`.padStart(12),
    `p99 ${median(turns.map(({ p99 }) => p99))} ms`.padStart(12),
  ];
  if (baseline !== undefined) {
    columns.push(`${(rate(turns) / rate(baseline)).toFixed(2)} x bare`.padStart(14));
  }
  console.log(columns.join(''));
}
