/**
 * Appends per second to the EventStoreDB event store, beside the bare client doing the same in its own fastest
 * way, at several numbers of appends under way. The two take turns on one server (that of EVENTSTOREDB_URL, or
 * one in memory that it starts), so that what else the machine does meets both.
 * Run: `node --conditions=source test/bench/append-eventstoredb.ts [seed]`
 */
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { startEventStoreDb } from '../support/eventstored.ts';
import { appendTo, connectionsOpened, turn, type Append } from './append-load.ts';
import { Measurement, printMachine, printMeasurement } from './report.ts';

const ROUNDS = 3;
const LANES = [1, 32, 128];

const seed = Number(process.argv[2] ?? 1);
const make = connectionsOpened(seed);

const given = process.env['EVENTSTOREDB_URL'];
const server = given === undefined ? await startEventStoreDb() : undefined;
const url = given ?? server!.url;

try {
  printMachine(seed);
  const bare = EventStoreDBClient.connectionString(url);
  const store = await openEventStoreDbEventStore({ url });
  const appendBare = ({ stream, event }: Append) => {
    const { id, type, schemaVersion, data, metadata } = event;
    const encoded = jsonEvent({
      id,
      type,
      data: { ...data },
      metadata: { schemaVersion, ...metadata },
    });
    return bare.appendToStream(stream, encoded, { expectedRevision: 'no_stream' });
  };
  const results = LANES.map((lanes) => ({
    lanes,
    bare: new Measurement(),
    store: new Measurement(),
  }));
  await turn(new Measurement(), 32, make, appendBare);
  await turn(new Measurement(), 32, make, appendTo(store));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { lanes, ...result } of results) {
      await turn(result.bare, lanes, make, appendBare);
      await turn(result.store, lanes, make, appendTo(store));
    }
  }
  await store.close();
  await bare.dispose();
  for (const { lanes, ...result } of results) {
    printMeasurement(`bare client, ${lanes} at a time`, result.bare);
    printMeasurement(`event store, ${lanes} at a time`, result.store, result.bare);
  }
} finally {
  await server?.stop();
}
