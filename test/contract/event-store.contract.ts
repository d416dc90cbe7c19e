import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '#event-store';
import { appendContract } from './event-store/append.contract.ts';
import { emptyLogContract } from './event-store/empty-log.contract.ts';
import { interleavingContract } from './event-store/interleaving.contract.ts';
import { lifecycleContract } from './event-store/lifecycle.contract.ts';
import { readContract } from './event-store/read.contract.ts';
import { snapshotContract } from './event-store/snapshot.contract.ts';
import { subscribeContract } from './event-store/subscribe.contract.ts';

/** A log that a contract is tried on. */
export interface LogUnderTest {
  /** One more store on this log, as another process would open it. */
  open(): Promise<EventStore>;
  /** Lets go of the log once every store on it is closed. */
  dispose(): Promise<void>;
}

export interface LogFactory {
  /** A log that may hold other events, but that nobody else appends to while the tests run. */
  log(): Promise<LogUnderTest>;
  /** A log that is certainly new. Left out where none can be had: the promises about one are then skipped. */
  emptyLog?: () => Promise<LogUnderTest>;
}

/** What the tests of one contract work with. */
export interface Subject {
  /** A store that stays open through all tests. */
  readonly store: EventStore;
  /** One more on the same log; the test closes it. */
  open(): Promise<EventStore>;
}

/**
 * Registers every promise of the `EventStore` port as tests of one adapter. All tests share one log and know
 * their own events by the streams, so that it need not be a new one.
 */
export function eventStoreContract(name: string, factory: LogFactory): void {
  describe(`${name} keeps the contract of an event store`, () => {
    let log: LogUnderTest;
    let store: EventStore;
    const subject: Subject = {
      get store() {
        return store;
      },
      open: () => log.open(),
    };

    beforeAll(async () => {
      log = await factory.log();
      store = await log.open();
    });

    afterAll(async () => {
      await store.close();
      await log.dispose();
    });

    appendContract(subject);
    readContract(subject);
    subscribeContract(subject);
    snapshotContract(subject);
    lifecycleContract(subject);
    interleavingContract(subject);
    emptyLogContract(factory.emptyLog);
  });
}
