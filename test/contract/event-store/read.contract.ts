import { describe, expect, it } from '@jest/globals';
import type { StoresUnderTest } from '../event-store.contract.ts';
import { collect, ids, newEvents, newStream } from './samples.ts';

export function readContract(subject: StoresUnderTest): void {
  describe('readStream', () => {
    it('returns the events of one stream in order, with consecutive revisions', async () => {
      const stream = newStream();
      const events = newEvents(5);
      await subject.store.append(stream, 'no_stream', events.slice(0, 2));
      await subject.store.append(newStream(), 'no_stream', newEvents(1));
      await subject.store.append(stream, 1, events.slice(2));
      const read = await collect(subject.store.readStream(stream));
      expect(ids(read)).toEqual(ids(events));
      expect(read.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
    });

    it.each([
      [{ from: 2 }, [2, 3, 4]],
      [{ limit: 2 }, [0, 1]],
      [{ from: 1, limit: 3 }, [1, 2, 3]],
      [{ from: 4, limit: 10 }, [4]],
      [{ from: 5 }, []],
      [{ from: 99 }, []],
      [{ limit: 0 }, []],
      [{ backwards: true }, [4, 3, 2, 1, 0]],
      [{ backwards: true, limit: 2 }, [4, 3]],
      [{ backwards: true, from: 2 }, [2, 1, 0]],
      [{ backwards: true, from: 3, limit: 2 }, [3, 2]],
      [{ backwards: true, from: 99, limit: 1 }, [4]],
      [{ backwards: true, limit: 0 }, []],
    ])('honours %j', async (options, expected) => {
      const stream = newStream();
      await subject.store.append(stream, 'no_stream', newEvents(5));
      const read = await collect(subject.store.readStream(stream, options));
      expect(read.map(({ revision }) => revision)).toEqual(expected);
    });

    it('returns nothing for a missing stream', async () => {
      expect(await collect(subject.store.readStream(newStream()))).toEqual([]);
      expect(await collect(subject.store.readStream(newStream(), { backwards: true }))).toEqual([]);
    });

    it('reads a long stream backwards as it does forwards', async () => {
      const stream = newStream();
      await subject.store.append(stream, 'no_stream', newEvents(700));
      await subject.store.append(stream, 699, newEvents(700));
      const forwards = await collect(subject.store.readStream(stream));
      const read = await collect(subject.store.readStream(stream, { backwards: true }));
      expect(read.toReversed()).toEqual(forwards);
    });

    it('can be stopped early', async () => {
      const stream = newStream();
      await subject.store.append(stream, 'no_stream', newEvents(50));
      for await (const { revision } of subject.store.readStream(stream)) {
        if (revision === 3) break;
      }
      expect(await collect(subject.store.readStream(stream))).toHaveLength(50);
    });
  });

  describe('readAll', () => {
    it('returns every event of the log once, in the order of appends', async () => {
      const start = await subject.store.head();
      const [one, two] = [newStream(), newStream()];
      const events = newEvents(6);
      await subject.store.append(one, 'no_stream', events.slice(0, 2));
      await subject.store.append(two, 'no_stream', events.slice(2, 3));
      await subject.store.append(one, 1, events.slice(3, 6));
      const read = await collect(subject.store.readAll({ after: start }));
      const ours = read.filter(({ stream }) => stream === one || stream === two);
      expect(ids(ours)).toEqual(ids(events));
    });

    it('continues after any returned position', async () => {
      const start = await subject.store.head();
      await subject.store.append(newStream(), 'no_stream', newEvents(4));
      await subject.store.append(newStream(), 'no_stream', newEvents(2));
      const read = await collect(subject.store.readAll({ after: start }));
      for (const [index, { position }] of read.entries()) {
        const [next] = await collect(subject.store.readAll({ after: position, limit: 1 }));
        expect(next?.id).toBe(read[index + 1]?.id);
      }
    });

    it('stops at its limit', async () => {
      const start = await subject.store.head();
      await subject.store.append(newStream(), 'no_stream', newEvents(5));
      expect(await collect(subject.store.readAll({ after: start, limit: 3 }))).toHaveLength(3);
      expect(await collect(subject.store.readAll({ after: start, limit: 0 }))).toEqual([]);
    });

    it('returns nothing after the end', async () => {
      const stream = newStream();
      const { position } = await subject.store.append(stream, 'no_stream', newEvents(2));
      const read = await collect(subject.store.readAll({ after: position }));
      expect(read.filter((event) => event.stream === stream)).toEqual([]);
    });

    it('returns the same events as readStream', async () => {
      const start = await subject.store.head();
      const stream = newStream();
      await subject.store.append(stream, 'no_stream', newEvents(3));
      const read = await collect(subject.store.readAll({ after: start }));
      const ours = read.filter((event) => event.stream === stream);
      expect(await collect(subject.store.readStream(stream))).toEqual(ours);
    });
  });

  describe('positions', () => {
    it('are unique decimal strings of one width, sorted as the log', async () => {
      const start = await subject.store.head();
      for (const count of [1, 3, 2]) {
        await subject.store.append(newStream(), 'no_stream', newEvents(count));
      }
      const read = await collect(subject.store.readAll({ after: start }));
      const positions = read.map(({ position }) => position);
      expect(positions.length).toBeGreaterThanOrEqual(6);
      for (const position of positions) expect(position).toMatch(/^\d+$/);
      expect(new Set(positions.map(({ length }) => length)).size).toBe(1);
      expect([...new Set(positions)].sort()).toEqual(positions);
    });
  });

  describe('head', () => {
    it('is the position of the last event', async () => {
      const { position } = await subject.store.append(newStream(), 'no_stream', newEvents(2));
      const head = await subject.store.head();
      expect(head! >= position).toBe(true);
      expect(await collect(subject.store.readAll({ after: head }))).toEqual([]);
    });
  });
}
