import { describe, expect, it } from '@jest/globals';
import { AppendOutcomeUnknownError, WrongExpectedRevisionError } from '#event-store';
import type { Subject } from '../event-store.contract.ts';
import { collect, ids, newEvent, newEvents, newStream } from './samples.ts';

export function appendContract(subject: Subject): void {
  describe('append', () => {
    it('answers with the revision and the position of the last event', async () => {
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

    it('refuses an append of no events', async () => {
      await expect(subject.store.append(newStream(), 'no_stream', [])).rejects.toThrow(RangeError);
    });
  });

  describe('expected revision', () => {
    it.each([
      ['no stream, of a stream that is there', 2, 'no_stream'],
      ['a revision, of a stream that is not there', 0, 3],
      ['a revision that has passed', 2, 0],
      ['a revision yet to come', 2, 5],
    ] as const)('%s, is refused and writes nothing', async (_, length, expected) => {
      const stream = newStream();
      const before = newEvents(length);
      if (length > 0) await subject.store.append(stream, 'no_stream', before);
      const append = subject.store.append(stream, expected, newEvents(2));
      await expect(append).rejects.toThrow(WrongExpectedRevisionError);
      await expect(append).rejects.toMatchObject({ stream });
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(before));
    });

    it('lets exactly one of several concurrent appends win, each whole or not at all', async () => {
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
    it('writes nothing twice and answers as the first time', async () => {
      const stream = newStream();
      const events = newEvents(2);
      const first = await subject.store.append(stream, 'no_stream', events);
      expect(await subject.store.append(stream, 'no_stream', events)).toEqual(first);
      expect(ids(await collect(subject.store.readStream(stream)))).toEqual(ids(events));
    });

    it('does so after later events, and from another store', async () => {
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

    it('does so when both are under way, though one may have to ask again', async () => {
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

    it('is a conflict when only part of it is there', async () => {
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
    it('comes back as it was appended, metadata and Unicode included', async () => {
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
