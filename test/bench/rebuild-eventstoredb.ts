/**
 * Rebuilds projections from EventStoreDB, beside the bare client that only reads the same log, on one server in
 * turns. Each is a process of its own, run as the command line runs a rebuild. Run:
 * `npm run bench -- rebuild-eventstoredb`, or
 * `node --conditions=source test/bench/rebuild-eventstoredb.ts [events] [users]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { NewEvent } from '#event-store';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { seedHistory } from '#event-store/seed/seed-history';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { startEventStoreDb } from '../support/eventstored.ts';
import { ALONE, alone, measured, rate, ratio, type Run } from './alone.ts';
import { printMachine } from './report.ts';

const SEED = 7;
const ROUNDS = 3;
const LANES = 32;
/** Events of one append: the server takes 1 MB at most. */
const MOST_PER_APPEND = 500;
const BARE = 'bare';

const [first = '200000', second = '10000', third = ''] = process.argv.slice(2);
if (first === ALONE) console.log(JSON.stringify(await runOf(second, third)));
else await compare(Number(first), Number(second));

async function compare(events: number, users: number): Promise<void> {
  printMachine(SEED);
  const server = await startEventStoreDb();
  try {
    const startedAt = performance.now();
    await fill(server.url, streamsOf(events, users));
    const took = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`log   ${events} events, ${users} users, written in ${took} s`);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const bare = alone(import.meta.filename, server.url, BARE);
      console.log(`bare client, readAll   ${rate(bare)} events/s`);
      for (const projection of ['users', 'timeline']) {
        const rebuilt = alone(import.meta.filename, server.url, projection);
        console.log(
          `rebuild ${projection.padEnd(14)} ${rate(rebuilt)} events/s   ${ratio(bare, rebuilt)}`,
        );
      }
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
  if (projection === undefined) throw new Error(`There is no projection ${what}`);
  const run = await measured(async () => (await projection.rebuild(log)).events);
  readModel.close();
  await log.close();
  rmSync(directory, { recursive: true });
  return run;
}

async function readBare(url: string): Promise<Run> {
  const client = EventStoreDBClient.connectionString(url);
  const run = await measured(async () => {
    let count = 0;
    for await (const { event } of client.readAll()) {
      if (event?.type.startsWith('$') === false) count += 1;
    }
    return count;
  });
  await client.dispose();
  return run;
}

/** Each stream in large appends, many streams side by side: the order across streams is of no matter here. */
async function fill(url: string, streams: ReadonlyMap<string, readonly NewEvent[]>): Promise<void> {
  const log = await openEventStoreDbEventStore({ url });
  const queue = [...streams];
  const lane = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [stream, all] = next;
      for (let from = 0; from < all.length; from += MOST_PER_APPEND) {
        const part = all.slice(from, from + MOST_PER_APPEND);
        await log.append(stream, from === 0 ? 'no_stream' : from - 1, part);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await log.close();
}

function streamsOf(events: number, users: number): Map<string, NewEvent[]> {
  const streams = new Map<string, NewEvent[]>();
  for (const { stream, events: appended } of seedHistory({ users, events, seed: SEED })) {
    const all = streams.get(stream) ?? [];
    all.push(...appended);
    streams.set(stream, all);
  }
  return streams;
}
