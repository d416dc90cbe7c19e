import { InMemoryEventStore } from '../support/in-memory-event-store.ts';
import { eventStoreContract, type LogUnderTest } from './event-store.contract.ts';

function newLog(): Promise<LogUnderTest> {
  const first = new InMemoryEventStore();
  return Promise.resolve({
    open: () => Promise.resolve(first.another()),
    dispose: () => first.close(),
  });
}

eventStoreContract('The in-memory store', { log: newLog, emptyLog: newLog });
