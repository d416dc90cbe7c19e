import { describe, expect, it } from '@jest/globals';
import { latest, hasReached } from '#event-store';
import type { Subject } from '../event-store.contract.ts';
import { Follower, placeOf } from './follower.ts';
import { ids, newEvent, newEvents, newStream } from './samples.ts';

export function subscribeContract(subject: Subject): void {
  describe('subscribe', () => {
    it('catches up, says so, and goes on live', async () => {
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

    it('says caught up with a place that has reached the head from before', async () => {
      const after = await subject.store.head();
      await subject.store.append(newStream(), 'no_stream', newEvents(3));
      const head = await subject.store.head();
      const follower = new Follower(subject.store, { after });
      await follower.until(({ caughtUp }) => caughtUp);
      const message = follower.messages.find(({ kind }) => kind === 'caughtUp')!;
      expect(hasReached(placeOf(message), head)).toBe(true);
      await follower.stop();
    });

    it('gives places in order, each event once and equal to what readAll gives', async () => {
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
      const places = follower.messages.map(placeOf).map((place) => place ?? '');
      expect([...places].sort()).toEqual(places);
      const read = [];
      for await (const event of subject.store.readAll({ after })) {
        if (event.stream === one || event.stream === two) read.push(event);
      }
      expect(follower.events(one, two)).toEqual(read);
      await follower.stop();
    });

    it('delivers nothing at or before the place it starts after', async () => {
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

    it('resumed after any message that came, loses nothing and repeats nothing', async () => {
      const after = await subject.store.head();
      const stream = newStream();
      const events = newEvents(8);
      await subject.store.append(stream, 'no_stream', events.slice(0, 4));
      const types = ['UserUpdated'];
      const first = new Follower(subject.store, { after, types });
      await first.until(({ caughtUp }) => caughtUp);
      const filtered = [newEvent({ type: 'UserCreated' })];
      const { position } = await subject.store.append(stream, 3, filtered);
      await first.until(({ messages }) => hasReached(placeOf(messages.at(-1)!), position));
      await first.stop();
      await subject.store.append(stream, 4, events.slice(4));
      for (const [index, message] of first.messages.entries()) {
        const seen = first.messages
          .slice(0, index + 1)
          .flatMap((each) => (each.kind === 'event' ? [each.event] : []));
        const second = new Follower(subject.store, { after: placeOf(message), types });
        await second.until(() => second.events(stream).at(-1)?.id === events[7]!.id);
        await second.stop();
        const ours = [...seen, ...second.events()].filter((event) => event.stream === stream);
        expect(ids(ours)).toEqual(ids(events));
      }
    });

    it('ends without an error when aborted, while it waits and before it starts', async () => {
      const follower = new Follower(subject.store, { after: await subject.store.head() });
      await follower.until(({ caughtUp }) => caughtUp);
      await follower.stop();
      const messages = subject.store.subscribe({ signal: AbortSignal.abort() });
      for await (const message of messages) expect(message).toBeUndefined();
    });

    it('may be left from within the loop', async () => {
      for await (const message of subject.store.subscribe()) {
        if (message.kind === 'caughtUp') break;
      }
      await subject.store.append(newStream(), 'no_stream', newEvents(1));
    });

    it('lets a slow consumer slow only itself, and gives it everything in the end', async () => {
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

  describe('subscribe to some types', () => {
    it('delivers only these, caught up or live', async () => {
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

    it('says caught up with a place past the events left out', async () => {
      const after = await subject.store.head();
      await subject.store.append(newStream(), 'no_stream', newEvents(3));
      const head = await subject.store.head();
      const follower = new Follower(subject.store, { after, types: ['UserCreated'] });
      await follower.until(({ caughtUp }) => caughtUp);
      const place = follower.messages.map(placeOf).reduce(latest, null);
      expect(hasReached(place, head)).toBe(true);
      await follower.stop();
    });

    it('moves its checkpoint past each event left out at once', async () => {
      const after = await subject.store.head();
      const follower = new Follower(subject.store, { after, types: ['UserCreated'] });
      await follower.until(({ caughtUp }) => caughtUp);
      const { position } = await subject.store.append(newStream(), 'no_stream', newEvents(2));
      await follower.until(({ messages }) => hasReached(placeOf(messages.at(-1)!), position));
      expect(follower.events()).toEqual([]);
      await follower.stop();
    });
  });
}
