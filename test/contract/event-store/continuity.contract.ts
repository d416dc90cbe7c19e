import { describe, expect, it } from '@jest/globals';
import type { LogUnderTest, StoresUnderTest } from '../event-store.contract.ts';
import { newEvents, newStream } from './samples.ts';

/** What a follower needs to notice that the log has gone back, and to go on with it. */
export function continuityContract(
  subject: StoresUnderTest,
  newLog: (() => Promise<LogUnderTest>) | undefined,
): void {
  describe('eventIdAt', () => {
    it('is the id of the event at a position', async () => {
      const events = newEvents(3);
      const { position } = await subject.store.append(newStream(), 'no_stream', events);
      expect(await subject.store.eventIdAt(position)).toBe(events[2]?.id);
      const other = await subject.open();
      expect(await other.eventIdAt(position)).toBe(events[2]?.id);
      await other.close();
    });

    it.each([1n, 1_000_000n])('is null %s beyond the head', async (distance) => {
      const { position } = await subject.store.append(newStream(), 'no_stream', newEvents(1));
      // Half of an EventStoreDB position, or all of another one, is one number.
      const half = position.slice(0, Math.min(20, position.length));
      const beyond = (BigInt(half) + distance).toString().padStart(half.length, '0');
      const none = beyond.repeat(position.length / half.length);
      expect(await subject.store.eventIdAt(none)).toBeNull();
    });

    it('is null between two events', async () => {
      const store = subject.store;
      const { position } = await store.append(newStream(), 'no_stream', newEvents(1));
      await store.append(newStream(), 'no_stream', newEvents(1));
      if (position.length < 40) return;
      const half = (BigInt(position.slice(0, 20)) + 3n).toString().padStart(20, '0');
      expect(await store.eventIdAt(half + half)).toBeNull();
    });
  });

  const describeWhereNew = newLog === undefined ? describe.skip : describe;

  describeWhereNew('a renewed epoch', () => {
    it('is one, whoever renews it, and remembers the former one', async () => {
      const log = await newLog!();
      const [first, second] = await Promise.all([log.open(), log.open()]);
      const former = first.epoch;
      const stream = newStream();
      const { position } = await first.append(stream, 'no_stream', newEvents(1));
      await first.snapshots.save(stream, { version: 1, revision: 0, position, state: {} });
      expect(await first.isCurrent()).toBe(true);
      expect(first.epochStart).toBeNull();

      await Promise.all([first, second, first].map((store) => store.renewEpoch(former)));
      expect(await Promise.all([first.isCurrent(), second.isCurrent()])).toEqual([false, false]);
      const [third, fourth] = await Promise.all([log.open(), log.open()]);
      expect(third.epoch).not.toBe(former);
      expect(fourth.epoch).toBe(third.epoch);
      expect(third.formerEpochs).toEqual([former]);
      expect(third.epochStart?.position).toBe(position);
      expect(fourth.epochStart).toEqual(third.epochStart);
      expect(await third.isCurrent()).toBe(true);
      expect(await third.head()).toBe(position);
      expect(await third.snapshots.load(stream)).toBeNull();

      // A process that noticed late must not make another one.
      await third.renewEpoch(former);
      expect(await third.isCurrent()).toBe(true);

      await third.renewEpoch(third.epoch);
      const fifth = await log.open();
      expect(fifth.formerEpochs).toEqual([former, third.epoch]);
      expect(fifth.epochStart?.time).toBeGreaterThan(third.epochStart?.time ?? Infinity);
      await Promise.all([first, second, third, fourth, fifth].map((store) => store.close()));
      await log.dispose();
    });
  });
}
