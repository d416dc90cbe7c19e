import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '#event-store';
import { appendContract } from './event-store/append.contract.ts';
import { clocksContract } from './event-store/clocks.contract.ts';
import { continuityContract } from './event-store/continuity.contract.ts';
import { emptyLogContract } from './event-store/empty-log.contract.ts';
import { healthContract } from './event-store/health.contract.ts';
import { interleavingContract } from './event-store/interleaving.contract.ts';
import { lifecycleContract } from './event-store/lifecycle.contract.ts';
import { readContract } from './event-store/read.contract.ts';
import { snapshotContract } from './event-store/snapshot.contract.ts';
import { subscribeContract } from './event-store/subscribe.contract.ts';

/** A log on which the contract is tested. */
export interface LogUnderTest {
  /** Opens another store on this log, as another process would. */
  open(): Promise<EventStore>;
  /** Releases the log after every store on it is closed. */
  dispose(): Promise<void>;
}

export interface LogFactory {
  /** A log that may contain other events. Nothing else appends to it while the tests run. */
  log(): Promise<LogUnderTest>;
  /** A new log. If missing, the tests of an empty log are skipped. */
  emptyLog?: () => Promise<LogUnderTest>;
}

/** Stores under test. */
export interface StoresUnderTest {
  /** A store that stays open through all tests. */
  readonly store: EventStore;
  /** Opens another store on the same log; the test closes it. */
  open(): Promise<EventStore>;
}

/**
 * Registers the tests of the `EventStore` contract for one adapter. All tests share one log and find their own events by
 * stream, so that the log need not be new.
 */
export function eventStoreContract(name: string, factory: LogFactory): void {
  describe(`${name} keeps the contract of an event store`, () => {
    let log: LogUnderTest;
    let store: EventStore;
    const subject: StoresUnderTest = {
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
    clocksContract(subject);
    readContract(subject);
    subscribeContract(subject);
    snapshotContract(subject);
    lifecycleContract(subject);
    healthContract(subject);
    interleavingContract(subject);
    continuityContract(subject, factory.emptyLog);
    emptyLogContract(factory.emptyLog);
  });
}
