/**
 * Compares rebuilds of projections from EventStoreDB with the bare client that only reads the same log. They take turns
 * on one server. Each run is its own process, started as the CLI starts a rebuild. Run:
 * `npm run bench -- rebuild-eventstoredb`, or
 * `node --conditions=source test/bench/rebuild-eventstoredb.ts [events] [users]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { NewEvent, StreamAppend } from '#event-store';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { seedHistory } from '#history-seeder';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { startEventStoreDb } from '../support/eventstored.ts';
import { SINGLE_RUN, runInChild, measure, rate, ratio, type Run } from './child-run.ts';
import { printMachine } from './report.ts';

const SEED = 7;
const ROUNDS = 5;
const LANES = 64;
/** Events of one batch, over all streams. */
const BATCH = 20_000;
const BARE = 'bare';
const PROJECTIONS = ['users', 'timeline', 'summary'] as const;

const [first = '200000', second = '10000', third = ''] = process.argv.slice(2);
if (first === SINGLE_RUN) console.log(JSON.stringify(await runOf(second, third)));
else await compare(Number(first), Number(second));

async function compare(events: number, users: number): Promise<void> {
  printMachine(SEED);
  const server = await startEventStoreDb();
  try {
    const startedAt = performance.now();
    await fill(server.url, seedHistory({ users, events, seed: SEED }));
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`log   ${events} events, ${users} users, written in ${seconds} s`);
    const ratios = PROJECTIONS.map((projection) => ({
      projection,
      clock: [] as number[],
      cpu: [] as number[],
    }));
    for (let round = 1; round <= ROUNDS; round += 1) {
      const bare = runInChild(import.meta.filename, server.url, BARE);
      console.log(`bare client, readAll   ${rate(bare)} events/s, ${cpuOf(bare)}`);
      for (const { projection, clock, cpu } of ratios) {
        const rebuilt = runInChild(import.meta.filename, server.url, projection);
        clock.push(bare.ms / rebuilt.ms);
        cpu.push(bare.cpuMs / rebuilt.cpuMs);
        console.log(
          `rebuild ${projection.padEnd(14)} ${rate(rebuilt)} events/s, ${cpuOf(rebuilt)}   ${ratio(bare, rebuilt)}`,
        );
      }
    }
    for (const { projection, clock, cpu } of ratios) {
      console.log(
        `rebuild ${projection}, middle of ${ROUNDS} rounds: ${median(clock)} x bare (${median(cpu)} by CPU time)`,
      );
    }
  } finally {
    await server.stop();
  }
}

async function runOf(url: string, what: string): Promise<Run> {
  if (what === BARE) return readBare(url);
  const directory = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
  const log = await openEventStoreDbEventStore({ url });
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
  const projection = readModel.projections.find(({ name }) => name === what);
  if (projection === undefined) throw new Error(`Unknown projection ${what}`);
  const run = await measure(async () => (await projection.rebuild(log)).events);
  readModel.close();
  await log.close();
  rmSync(directory, { recursive: true });
  return run;
}

async function readBare(url: string): Promise<Run> {
  const client = EventStoreDBClient.connectionString(url);
  const run = await measure(async () => {
    let count = 0;
    for await (const { event } of client.readAll()) {
      if (event?.type.startsWith('$') === false) count += 1;
    }
    return count;
  });
  await client.dispose();
  return run;
}

/**
 * Writes the history in roughly its order: within a batch, the events of a stream become one append, and the appends
 * run in parallel.
 */
async function fill(url: string, history: Iterable<StreamAppend>): Promise<void> {
  const log = await openEventStoreDbEventStore({ url });
  const revisions = new Map<string, number>();
  const append = async (batch: Map<string, NewEvent[]>): Promise<void> => {
    for (let [next] = batch; next !== undefined; [next] = batch) {
      const [stream, events] = next;
      batch.delete(stream);
      const { revision } = await log.append(stream, revisions.get(stream) ?? 'no_stream', events);
      revisions.set(stream, revision);
    }
  };
  for (const batch of batches(history)) {
    await Promise.all(Array.from({ length: LANES }, () => append(batch)));
  }
  await log.close();
}

/** Batches of events, by stream. */
function* batches(history: Iterable<StreamAppend>): Generator<Map<string, NewEvent[]>> {
  let batch = new Map<string, NewEvent[]>();
  let events = 0;
  for (const { stream, events: appended } of history) {
    const all = batch.get(stream) ?? [];
    all.push(...appended);
    batch.set(stream, all);
    events += appended.length;
    if (events < BATCH) continue;
    yield batch;
    batch = new Map();
    events = 0;
  }
  yield batch;
}

function cpuOf({ cpuMs, events }: Run): string {
  return `${((cpuMs * 1_000) / events).toFixed(1)} µs of CPU each`;
}

function median(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(2);
}
