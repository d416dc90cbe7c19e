/**
 * Rebuilds projections from EventStoreDB, beside the bare client that only reads the same log, on one server in
 * turns. Run: `node --conditions=source test/bench/rebuild-eventstoredb.ts [events] [users]`
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
import { printMachine } from './report.ts';

const SEED = 7;
const ROUNDS = 3;
const LANES = 32;
/** Events of one append: the server takes 1 MB at most. */
const MOST_PER_APPEND = 500;
const events = Number(process.argv[2] ?? 200_000);
const users = Number(process.argv[3] ?? 10_000);

printMachine(SEED);
const server = await startEventStoreDb();
const directory = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
try {
  const log = await openEventStoreDbEventStore({ url: server.url });
  await fill(streamsOf());
  const bare = EventStoreDBClient.connectionString(server.url);
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const read = await timed(async () => {
      let count = 0;
      for await (const { event } of bare.readAll())
        if (event?.type.startsWith('$') === false) count += 1;
      return count;
    });
    console.log(`bare client, readAll   ${Math.round(read)} events/s`);
    for (const projection of readModel.projections) {
      let version = 0;
      const rate = await timed(async () => {
        const rebuilt = await projection.rebuild(log);
        version = rebuilt.version;
        return rebuilt.events;
      });
      await projection.drop(version - 1);
      const ratio = (rate / read).toFixed(2);
      console.log(
        `rebuild ${projection.name.padEnd(14)} ${Math.round(rate)} events/s   ${ratio} x bare`,
      );
    }
  }
  readModel.close();
  await log.close();
  await bare.dispose();

  /** Each stream in large appends, many streams side by side: the order across streams is of no matter here. */
  async function fill(streams: ReadonlyMap<string, readonly NewEvent[]>): Promise<void> {
    const queue = [...streams];
    const lane = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const [stream, all] = next;
        for (let from = 0; from < all.length; from += MOST_PER_APPEND) {
          await log.append(
            stream,
            from === 0 ? 'no_stream' : from - 1,
            all.slice(from, from + MOST_PER_APPEND),
          );
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
} finally {
  rmSync(directory, { recursive: true });
  await server.stop();
}

function streamsOf(): Map<string, NewEvent[]> {
  const streams = new Map<string, NewEvent[]>();
  for (const { stream, events: appended } of seedHistory({ users, events, seed: SEED })) {
    const all = streams.get(stream) ?? [];
    all.push(...appended);
    streams.set(stream, all);
  }
  return streams;
}

/** Things done per second, where `work` answers how many it did. */
async function timed(work: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  const count = await work();
  return count / ((performance.now() - startedAt) / 1_000);
}
