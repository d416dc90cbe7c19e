import { describe } from '@jest/globals';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { hasEventStoreDb, startEventStoreDb } from '../support/eventstored.ts';
import { eventStoreContract, type LogFactory, type LogUnderTest } from './event-store.contract.ts';

async function ownServer(): Promise<LogUnderTest> {
  const { url, stop } = await startEventStoreDb();
  return { open: () => openEventStoreDbEventStore({ url }), dispose: stop };
}

function givenServer(url: string): Promise<LogUnderTest> {
  return Promise.resolve({
    open: () => openEventStoreDbEventStore({ url }),
    dispose: () => Promise.resolve(),
  });
}

const url = process.env['EVENTSTOREDB_URL'];
const emptyLog = hasEventStoreDb() ? { emptyLog: ownServer } : {};
const factory: LogFactory = {
  log: url === undefined ? ownServer : () => givenServer(url),
  ...emptyLog,
};

/** Needs the server of EVENTSTOREDB_URL, or an `eventstored` on PATH. */
const describeWithServer = url === undefined && !hasEventStoreDb() ? describe.skip : describe;

describeWithServer('with a real server', () => {
  eventStoreContract('EventStoreDB', factory);
});
