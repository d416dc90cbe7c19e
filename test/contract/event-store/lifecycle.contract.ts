import { describe, expect, it } from '@jest/globals';
import { EventStoreUnavailableError } from '#event-store';
import type { StoresUnderTest } from '../event-store.contract.ts';
import { Follower } from './follower.ts';
import { collect, ids, newEvent, newEvents, newStream } from './samples.ts';

export function lifecycleContract(subject: StoresUnderTest): void {
  describe('epoch', () => {
    it('is the same for every store on the log', async () => {
      const first = await subject.open();
      const { epoch } = first;
      await first.close();
      const second = await subject.open();
      expect([epoch, second.epoch]).toEqual([subject.store.epoch, subject.store.epoch]);
      expect(epoch).not.toBe('');
      await second.close();
    });
  });

  describe('close', () => {
    it('finishes running appends', async () => {
      const store = await subject.open();
      const streams = Array.from({ length: 20 }, newStream);
      const appends = streams.map((stream) => store.append(stream, 'no_stream', newEvents(2)));
      await store.close();
      await expect(Promise.all(appends)).resolves.toHaveLength(20);
      for (const stream of streams) {
        expect(await collect(subject.store.readStream(stream))).toHaveLength(2);
      }
    });

    it('ends subscriptions', async () => {
      const store = await subject.open();
      const follower = new Follower(store, { after: await store.head() });
      await follower.until(({ caughtUp }) => caughtUp);
      await store.close();
      await follower.ended;
    });

    it('may be repeated', async () => {
      const store = await subject.open();
      await Promise.all([store.close(), store.close()]);
      await store.close();
    });

    it('makes every later call reject', async () => {
      const store = await subject.open();
      await store.close();
      const stream = newStream();
      const snapshot = { version: 1, revision: 0, position: '0', state: {} };
      const calls = [
        () => store.append(stream, 'no_stream', [newEvent()]),
        () => store.head(),
        () => store.eventIdAt('0'.repeat(16)),
        () => store.isCurrent(),
        () => collect(store.readStream(stream)),
        () => collect(store.readAll()),
        () => collect(store.subscribe()),
        () => store.snapshots.load(stream),
        () => store.snapshots.save(stream, snapshot),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toBeInstanceOf(EventStoreUnavailableError);
      }
    });

    it('does not affect other stores on the log', async () => {
      const store = await subject.open();
      const stream = newStream();
      const events = newEvents(1);
      const append = subject.store.append(stream, 'no_stream', events);
      await store.close();
      await append;
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(events));
    });
  });
}
