import { describe, expect, it } from '@jest/globals';
import { latest, hasReached } from '#event-store';
import type { StoresUnderTest } from '../event-store.contract.ts';
import { Follower, positionOf } from './follower.ts';
import { ids, newEvent, newEvents, newStream } from './samples.ts';

export function subscribeContract(subject: StoresUnderTest): void {
  describe('subscribe', () => {
    it('catches up, reports it, and continues live', async () => {
      const after = await subject.store.head();
      const stream = newStream();
      const events = newEvents(5);
      await subject.store.append(stream, 'no_stream', events.slice(0, 3));
      const follower = new Follower(subject.store, { after });
      await follower.until(({ caughtUp }) => caughtUp);
      expect(ids(follower.events(stream))).toEqual(ids(events.slice(0, 3)));
      await subject.store.append(stream, 2, events.slice(3));
      await follower.until(() => follower.events(stream).length === 5);
      expect(ids(follower.events(stream))).toEqual(ids(events));
      await follower.stop();
    });

    it('reports caught up at a position not before the head at its start', async () => {
      const after = await subject.store.head();
      await subject.store.append(newStream(), 'no_stream', newEvents(3));
      const head = await subject.store.head();
      const follower = new Follower(subject.store, { after });
      await follower.until(({ caughtUp }) => caughtUp);
      const message = follower.messages.find(({ kind }) => kind === 'caughtUp')!;
      expect(hasReached(positionOf(message), head)).toBe(true);
      await follower.stop();
    });

    it('delivers positions in order, and each event once and as readAll', async () => {
      const after = await subject.store.head();
      const [one, two] = [newStream(), newStream()];
      const follower = new Follower(subject.store, { after });
      for (let round = 0; round < 40; round += 1) {
        const expected = round === 0 ? 'no_stream' : round * 3 - 1;
        await Promise.all([
          subject.store.append(one, expected, newEvents(3)),
          subject.store.append(two, expected, newEvents(3)),
        ]);
      }
      await follower.until(() => follower.events(one, two).length >= 240);
      const positions = follower.messages.map(positionOf).map((position) => position ?? '');
      expect([...positions].sort()).toEqual(positions);
      const read = [];
      for await (const event of subject.store.readAll({ after })) {
        if (event.stream === one || event.stream === two) read.push(event);
      }
      expect(follower.events(one, two)).toEqual(read);
      await follower.stop();
    });

    it('delivers nothing at or before its start position', async () => {
      const stream = newStream();
      const events = newEvents(4);
      await subject.store.append(stream, 'no_stream', events.slice(0, 2));
      const { position } = await subject.store.append(stream, 1, events.slice(2, 3));
      const follower = new Follower(subject.store, { after: position });
      await follower.until(({ caughtUp }) => caughtUp);
      await subject.store.append(stream, 2, events.slice(3));
      await follower.until(() => follower.events(stream).length > 0);
      expect(ids(follower.events(stream))).toEqual([events[3]!.id]);
      await follower.stop();
    });

    it('loses and repeats nothing when resumed after any message', async () => {
      const after = await subject.store.head();
      const stream = newStream();
      const events = newEvents(8);
      await subject.store.append(stream, 'no_stream', events.slice(0, 4));
      const types = ['UserUpdated'];
      const first = new Follower(subject.store, { after, types });
      await first.until(({ caughtUp }) => caughtUp);
      const filtered = [newEvent({ type: 'UserCreated' })];
      const { position } = await subject.store.append(stream, 3, filtered);
      await first.until(({ messages }) => hasReached(positionOf(messages.at(-1)!), position));
      await first.stop();
      await subject.store.append(stream, 4, events.slice(4));
      for (const [index, message] of first.messages.entries()) {
        const seen = first.messages
          .slice(0, index + 1)
          .flatMap((each) => (each.kind === 'event' ? [each.event] : []));
        const second = new Follower(subject.store, { after: positionOf(message), types });
        await second.until(() => second.events(stream).at(-1)?.id === events[7]!.id);
        await second.stop();
        const ours = [...seen, ...second.events()].filter((event) => event.stream === stream);
        expect(ids(ours)).toEqual(ids(events));
      }
    });

    it('ends without an error when aborted, while waiting and before its start', async () => {
      const follower = new Follower(subject.store, { after: await subject.store.head() });
      await follower.until(({ caughtUp }) => caughtUp);
      await follower.stop();
      const messages = subject.store.subscribe({ signal: AbortSignal.abort() });
      for await (const message of messages) expect(message).toBeUndefined();
    });

    it('ends when the loop is left', async () => {
      for await (const message of subject.store.subscribe()) {
        if (message.kind === 'caughtUp') break;
      }
      await subject.store.append(newStream(), 'no_stream', newEvents(1));
    });

    it('is not slowed down by another slow consumer, which gets all events, too', async () => {
      const after = await subject.store.head();
      const stream = newStream();
      const rounds = 30;
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const slow = new Follower(subject.store, { after }, ({ kind }) =>
        kind === 'event' ? released : Promise.resolve(),
      );
      const fast = new Follower(subject.store, { after });
      await slow.until(({ caughtUp }) => caughtUp);
      const events = newEvents(rounds * 100);
      for (let round = 0; round < rounds; round += 1) {
        const from = round * 100;
        const expected = round === 0 ? 'no_stream' : from - 1;
        await subject.store.append(stream, expected, events.slice(from, from + 100));
      }
      await fast.until(() => fast.events(stream).length >= events.length);
      expect(slow.events(stream).length).toBeLessThan(events.length);
      release();
      await slow.until(() => slow.events(stream).length >= events.length);
      expect(ids(slow.events(stream))).toEqual(ids(events));
      await Promise.all([slow.stop(), fast.stop()]);
    });
  });

  describe('subscribe with types', () => {
    it('delivers only events of these types, before and after catching up', async () => {
      const after = await subject.store.head();
      const stream = newStream();
      const mixed = () => [newEvent(), newEvent({ type: 'UserCreated' }), newEvent()];
      await subject.store.append(stream, 'no_stream', mixed());
      const follower = new Follower(subject.store, { after, types: ['UserCreated'] });
      await follower.until(({ caughtUp }) => caughtUp);
      await subject.store.append(stream, 2, mixed());
      await follower.until(() => follower.events(stream).length >= 2);
      expect(follower.events(stream).map(({ revision }) => revision)).toEqual([1, 4]);
      expect(new Set(follower.events().map(({ type }) => type))).toEqual(new Set(['UserCreated']));
      await follower.stop();
    });

    it('reports caught up at a position after the skipped events', async () => {
      const after = await subject.store.head();
      await subject.store.append(newStream(), 'no_stream', newEvents(3));
      const head = await subject.store.head();
      const follower = new Follower(subject.store, { after, types: ['UserCreated'] });
      await follower.until(({ caughtUp }) => caughtUp);
      const position = follower.messages.map(positionOf).reduce(latest, null);
      expect(hasReached(position, head)).toBe(true);
      await follower.stop();
    });

    it('moves its checkpoint past a skipped event at once', async () => {
      const after = await subject.store.head();
      const follower = new Follower(subject.store, { after, types: ['UserCreated'] });
      await follower.until(({ caughtUp }) => caughtUp);
      const { position } = await subject.store.append(newStream(), 'no_stream', newEvents(2));
      await follower.until(({ messages }) => hasReached(positionOf(messages.at(-1)!), position));
      expect(follower.events()).toEqual([]);
      await follower.stop();
    });
  });
}
