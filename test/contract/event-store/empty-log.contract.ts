import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '#event-store';
import type { LogUnderTest } from '../event-store.contract.ts';
import { Follower } from './follower.ts';
import { collect, newEvents, newStream } from './samples.ts';

export function emptyLogContract(newLog: (() => Promise<LogUnderTest>) | undefined): void {
  const describeWhereNew = newLog === undefined ? describe.skip : describe;

  describeWhereNew('an empty log', () => {
    let log: LogUnderTest | undefined;
    let stores: EventStore[] = [];

    beforeAll(async () => {
      log = await newLog!();
      stores = await Promise.all([log.open(), log.open(), log.open()]);
    });

    afterAll(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await log?.dispose();
    });

    it('gets one epoch if several stores create it at the same time', () => {
      expect(new Set(stores.map(({ epoch }) => epoch)).size).toBe(1);
    });

    it('has no head and no events', async () => {
      expect(await stores[0]!.head()).toBeNull();
      expect(await collect(stores[0]!.readAll())).toEqual([]);
    });

    it('stays empty when a snapshot is saved', async () => {
      const snapshot = { version: 1, revision: 0, position: '0', state: {} };
      await stores[0]!.snapshots.save(newStream(), snapshot);
      expect(await stores[0]!.head()).toBeNull();
      expect(await collect(stores[0]!.readAll())).toEqual([]);
    });

    it('is caught up at once with position null, and followed from its first event', async () => {
      const follower = new Follower(stores[0]!);
      await follower.until(({ caughtUp }) => caughtUp);
      const caughtUp = follower.messages.find(({ kind }) => kind === 'caughtUp');
      expect(caughtUp).toEqual({ kind: 'caughtUp', position: null });
      const { position } = await stores[1]!.append(newStream(), 'no_stream', newEvents(2));
      await follower.until(() => follower.events().length === 2);
      await follower.stop();
      expect(follower.events().at(-1)?.position).toBe(position);
      expect(await stores[2]!.head()).toBe(position);
    });
  });
}
