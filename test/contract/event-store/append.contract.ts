import { describe, expect, it } from '@jest/globals';
import { AppendOutcomeUnknownError, WrongExpectedRevisionError } from '#event-store';
import type { StoresUnderTest } from '../event-store.contract.ts';
import { collect, ids, newEvent, newEvents, newStream } from './samples.ts';

export function appendContract(subject: StoresUnderTest): void {
  describe('append', () => {
    it('returns the revision and the position of the last event', async () => {
      const stream = newStream();
      const result = await subject.store.append(stream, 'no_stream', newEvents(3));
      const last = (await collect(subject.store.readStream(stream))).at(-1)!;
      expect(result).toEqual({ revision: 2, position: last.position });
      expect(last.revision).toBe(2);
    });

    it('continues a stream at its expected revision', async () => {
      const stream = newStream();
      const first = await subject.store.append(stream, 'no_stream', [newEvent()]);
      const second = await subject.store.append(stream, first.revision, newEvents(2));
      expect(second.revision).toBe(2);
      expect(second.position > first.position).toBe(true);
    });

    it('rejects an append without events', async () => {
      await expect(subject.store.append(newStream(), 'no_stream', [])).rejects.toThrow(RangeError);
    });
  });

  describe('expected revision', () => {
    it.each([
      ['"no stream" for an existing stream', 2, 'no_stream'],
      ['a revision for a missing stream', 0, 3],
      ['an old revision', 2, 0],
      ['a future revision', 2, 5],
    ] as const)('%s is rejected and writes nothing', async (_, length, expected) => {
      const stream = newStream();
      const before = newEvents(length);
      if (length > 0) await subject.store.append(stream, 'no_stream', before);
      const append = subject.store.append(stream, expected, newEvents(2));
      await expect(append).rejects.toThrow(WrongExpectedRevisionError);
      await expect(append).rejects.toMatchObject({ stream });
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(before));
    });

    it('lets exactly one of several concurrent appends succeed, as a whole', async () => {
      const stream = newStream();
      const other = await subject.open();
      const batches = Array.from({ length: 10 }, () => newEvents(3));
      const outcomes = await Promise.allSettled(
        batches.map((batch, index) =>
          (index % 2 === 0 ? subject.store : other).append(stream, 'no_stream', batch),
        ),
      );
      await other.close();
      const winners = batches.filter((_, index) => outcomes[index]!.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        expect(outcome.reason).toBeInstanceOf(WrongExpectedRevisionError);
      }
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(winners[0]!));
    });
  });

  describe('a repeated append', () => {
    it('writes nothing and returns the first result', async () => {
      const stream = newStream();
      const events = newEvents(2);
      const first = await subject.store.append(stream, 'no_stream', events);
      expect(await subject.store.append(stream, 'no_stream', events)).toEqual(first);
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(events));
    });

    it('returns the first result after later events, and from another store', async () => {
      const stream = newStream();
      const [first, second, third] = [newEvents(2), newEvents(3), newEvents(1)];
      const results = [
        await subject.store.append(stream, 'no_stream', first),
        await subject.store.append(stream, 1, second),
        await subject.store.append(stream, 4, third),
      ];
      const other = await subject.open();
      expect([
        await other.append(stream, 'no_stream', first),
        await other.append(stream, 1, second),
        await other.append(stream, 4, third),
      ]).toEqual(results);
      await other.close();
      const all = [...first, ...second, ...third];
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(all));
    });

    it('returns the same result to concurrent appends, possibly after a retry', async () => {
      const stream = newStream();
      const events = newEvents(2);
      const append = async () => {
        for (;;) {
          try {
            return await subject.store.append(stream, 'no_stream', events);
          } catch (error) {
            if (!(error instanceof AppendOutcomeUnknownError)) throw error;
          }
        }
      };
      const [one, two] = await Promise.all([append(), append()]);
      expect(two).toEqual(one);
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(events));
    });

    it('is a conflict if only a part of it was appended', async () => {
      const stream = newStream();
      const events = newEvents(2);
      await subject.store.append(stream, 'no_stream', events);
      const overlapping = [events[1]!, newEvent()];
      await expect(subject.store.append(stream, 0, overlapping)).rejects.toThrow(
        WrongExpectedRevisionError,
      );
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(events));
    });
  });

  describe('an event', () => {
    it('is read as it was appended, with metadata and Unicode', async () => {
      const stream = newStream();
      const event = newEvent({
        type: 'UserCreated',
        schemaVersion: 7,
        data: {
          text: 'Zoë 你好 👩🏽‍🚀 \u0000 \u2028 "\\"',
          none: null,
          list: [1.5, -0.25, 1e21],
          nested: {},
        },
      });
      const { position } = await subject.store.append(stream, 'no_stream', [event]);
      const expected = { ...event, stream, revision: 0, position };
      expect(await collect(subject.store.readStream(stream))).toEqual([expected]);
    });

    it('may be large', async () => {
      const stream = newStream();
      const event = newEvent({ data: { text: 'ü'.repeat(200_000) } });
      await subject.store.append(stream, 'no_stream', [event]);
      const [read] = await collect(subject.store.readStream(stream));
      expect(read?.data).toEqual(event.data);
    });
  });
}
