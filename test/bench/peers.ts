/**
 * Compares the service with others that do a part of its work: sockets with Socket.IO, plain `ws` and mosquitto, reads with bare
 * Fastify, Nest, Redis and PostgreSQL, the log with bare `node:sqlite` and Emmett. Only the service stores changes durably before it
 * shows them. All get the same load from the same clients and take turns. What is not installed is left out and named.
 *
 * Run: `npm run bench -- peers [--write]`. `ONLY=get,connect` runs a part, `ROUNDS=1` makes it short. `--write` writes the JSON and
 * the chart to docs/images, and the tables to docs/performance.md and README.md.
 */
import { writeFileSync } from 'node:fs';
import { drawChart } from './charts.ts';
import { imagePath, replaceMarked } from './marked-text.ts';
import { installPeers } from './peers/install.ts';
import {
  chartPoints,
  markdownTable,
  origin,
  peerVersions,
  summaryTable,
  type Comparison,
} from './peers/report.ts';
import type { Row } from './peers/results.ts';
import { appendRow } from './peers/rows/append.ts';
import { connectRow } from './peers/rows/connect.ts';
import { lastWatcherRow, spreadRow } from './peers/rows/fan-out.ts';
import { getRow } from './peers/rows/get.ts';
import { connectionMemoryRow, startRows } from './peers/rows/memory.ts';
import { rebuildRows } from './peers/rows/rebuild.ts';
import { machineOf, printMachine } from './report.ts';

/** Each with the repetitions that give a steady median within the time of the whole. */
const PARTS: Readonly<Record<string, readonly [number, (rounds: number) => Promise<Row[]>]>> = {
  get: [5, async (rounds) => [await getRow(rounds)]],
  connect: [5, async (rounds) => [await connectRow(rounds)]],
  'fan-out': [4, async (rounds) => [await spreadRow(rounds)]],
  'last-watcher': [2, async (rounds) => [await lastWatcherRow(rounds)]],
  start: [5, startRows],
  append: [5, async (rounds) => [await appendRow(rounds)]],
  rebuild: [3, rebuildRows],
  memory: [2, async (rounds) => [await connectionMemoryRow(rounds)]],
};

const wanted = process.env['ONLY']?.split(',') ?? Object.keys(PARTS);
const rounds = process.env['ROUNDS'];
const writes = process.argv.includes('--write');

installPeers();
printMachine(0);
const rows: Row[] = [];
for (const name of wanted) {
  const part = PARTS[name];
  if (part === undefined)
    throw new RangeError(`Unknown part ${name}: ${Object.keys(PARTS).join()}`);
  const startedAt = performance.now();
  const made = await part[1](rounds === undefined ? part[0] : Number(rounds));
  console.log(`\n${name}, ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  const comparison = comparisonOf(made);
  console.log(markdownTable(comparison));
  rows.push(...made);
}
const comparison = comparisonOf(rows);
console.log(`\n${origin(comparison)}`);
if (writes) write(comparison);

function comparisonOf(of: readonly Row[]): Comparison {
  const date = new Date().toISOString().slice(0, 10);
  return { date, machine: machineOf(), versions: peerVersions(), rows: of };
}

function write(all: Comparison): void {
  writeFileSync(imagePath('peers.json'), `${JSON.stringify(all, null, 2)}\n`);
  drawChart('peers-chart.mjs', chartPoints(all), imagePath('peers.svg'));
  replaceMarked('docs/performance.md', 'peers', `${markdownTable(all)}\n\n${origin(all)}`);
  replaceMarked('README.md', 'peers', summaryTable(all));
}
