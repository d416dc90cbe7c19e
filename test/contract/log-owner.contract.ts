import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore, LogOwnerStore, OwnerRecord } from '#event-store';
import { folder } from '../support/in-memory-log-owner.ts';

/** A log on its own server. */
export interface OwnedLog {
  readonly open: () => Promise<EventStore>;
  readonly dispose: () => Promise<void>;
}

const HELD_BY_A: OwnerRecord = { owner: folder('a'), status: 'held', question: null };

/** What every adapter must do whose log other machines can reach. */
export function logOwnerContract(name: string, start: () => Promise<OwnedLog>): void {
  describe(`The record of a log's owner, ${name}`, () => {
    let log: OwnedLog;
    const opened: EventStore[] = [];

    beforeAll(async () => {
      log = await start();
    }, 120_000);
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });
    afterAll(() => log.dispose());

    async function open(): Promise<LogOwnerStore> {
      const store = await log.open();
      opened.push(store);
      if (store.owner === undefined) throw new Error('The adapter keeps no owner');
      return store.owner;
    }

    it('is missing before the first owner', async () => {
      expect(await (await open()).load()).toEqual({ record: null, revision: 'no_stream' });
    });

    it('is replaced by one of those that have read the same', async () => {
      const store = await open();
      const { revision } = await store.load();
      const replaced = await Promise.all([
        store.replace(HELD_BY_A, revision),
        store.replace({ ...HELD_BY_A, owner: folder('b') }, revision),
      ]);
      expect(replaced.filter((found) => found !== null)).toHaveLength(1);
    });

    it('is no part of the log', async () => {
      const store = await log.open();
      opened.push(store);
      const { owner } = store;
      await owner?.replace(HELD_BY_A, (await owner.load()).revision);
      expect(await store.head()).toBeNull();
      expect(await Array.fromAsync(store.readAll())).toEqual([]);
    });

    it('is read as it was written, also after the store was opened again', async () => {
      const record: OwnerRecord = { owner: folder('a'), status: 'forgotten', question: 'q' };
      const store = await open();
      const revision = await store.replace(record, (await store.load()).revision);
      expect(revision).not.toBeNull();
      await Promise.all(opened.splice(0).map((each) => each.close()));
      expect(await (await open()).load()).toEqual({ record, revision });
    });
  });
}
