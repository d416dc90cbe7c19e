/**
 * Compares durable appends per second to the embedded event store with the minimum that SQLite needs: a loop over one
 * prepared INSERT, each committed and synced on its own. They take turns, so that other load of the machine affects
 * both. Run: `node --conditions=source test/bench/append-sqlite.ts [seed]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { appendTo, connectionOpenedEvents, appendForASecond } from './append-load.ts';
import { openBareAppends } from './bare-appends.ts';
import { Measurement, printMachine, printMeasurement } from './report.ts';

const ROUNDS = 5;

const seed = Number(process.argv[2] ?? 1);
const make = connectionOpenedEvents(seed);

const directory = mkdtempSync(join(tmpdir(), 'bench-append-'));
try {
  printMachine(seed);
  const bare = openBareAppends(join(directory, 'bare.db'));
  const store = await openSqliteEventStore({ path: join(directory, 'events.db') });
  const results = { bare: new Measurement(), one: new Measurement(), many: new Measurement() };
  await appendForASecond(new Measurement(), 64, make, appendTo(store));
  await appendForASecond(new Measurement(), 1, make, bare.append);
  for (let round = 0; round < ROUNDS; round += 1) {
    await appendForASecond(results.bare, 1, make, bare.append);
    await appendForASecond(results.one, 1, make, appendTo(store));
    await appendForASecond(results.many, 64, make, appendTo(store));
  }
  await store.close();
  bare.close();
  printMeasurement('bare node:sqlite', results.bare);
  printMeasurement('event store, 1 at a time', results.one, results.bare);
  printMeasurement('event store, 64 at a time', results.many, results.bare);
} finally {
  rmSync(directory, { recursive: true });
}
