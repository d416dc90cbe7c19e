/**
 * Compares appends per second to the EventStoreDB event store with the bare client in its fastest mode, with several
 * numbers of concurrent appends. They take turns on one server (that of EVENTSTOREDB_URL, or an in-memory one that the
 * bench starts), so that other load of the machine affects both.
 * Run: `node --conditions=source test/bench/append-eventstoredb.ts [seed]`
 */
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { startEventStoreDb } from '../support/eventstored.ts';
import { appendTo, connectionOpenedEvents, appendForASecond, type Append } from './append-load.ts';
import { Measurement, printMachine, printMeasurement } from './report.ts';

const ROUNDS = 3;
const LANES = [1, 32, 128];

const seed = Number(process.argv[2] ?? 1);
const make = connectionOpenedEvents(seed);

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
  await appendForASecond(new Measurement(), 32, make, appendBare);
  await appendForASecond(new Measurement(), 32, make, appendTo(store));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { lanes, ...result } of results) {
      await appendForASecond(result.bare, lanes, make, appendBare);
      await appendForASecond(result.store, lanes, make, appendTo(store));
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
