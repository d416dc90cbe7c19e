import { describe } from '@jest/globals';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { hasEventStoreDb, startEventStoreDb } from '../support/eventstored.ts';
import { startFakeStreams } from '../support/fake-streams.ts';
import { logOwnerContract } from './log-owner.contract.ts';

logOwnerContract('in a stand-in for EventStoreDB', async () => {
  const { url, stop } = await startFakeStreams();
  return {
    open: () => openEventStoreDbEventStore({ url }),
    dispose: () => {
      stop();
      return Promise.resolve();
    },
  };
});

/** Needs an `eventstored` on PATH. */
const describeWithServer = hasEventStoreDb() ? describe : describe.skip;

describeWithServer('with a real server', () => {
  logOwnerContract('in EventStoreDB', async () => {
    const { url, stop } = await startEventStoreDb();
    return { open: () => openEventStoreDbEventStore({ url }), dispose: stop };
  });
});
