import { describe, expect, it } from '@jest/globals';
import type { SubscriptionMessage } from '../../event-store.ts';
import { MessageIterator } from './message-iterator.ts';

const message = (place: number): SubscriptionMessage => ({
  kind: 'checkpoint',
  position: String(place),
});

async function* chunks(...sizes: readonly number[]): AsyncGenerator<SubscriptionMessage[], void> {
  let place = 0;
  for (const size of sizes) yield Array.from({ length: size }, () => message((place += 1)));
}

describe('A message iterator', () => {
  it('delivers the messages of chunks one by one', async () => {
    const seen: SubscriptionMessage[] = [];
    for await (const each of new MessageIterator(chunks(2, 0, 1, 3), () => undefined))
      seen.push(each);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map(message));
  });

  it('returns ready messages of a chunk, at most as many as requested', async () => {
    const delivery = new MessageIterator(chunks(5, 2), () => undefined);
    expect(delivery.ready(10)).toEqual([]);
    expect(await delivery.next()).toEqual({ done: false, value: message(1) });
    expect(delivery.ready(2)).toEqual([2, 3].map(message));
    expect(delivery.ready(10)).toEqual([4, 5].map(message));
    expect(await delivery.next()).toEqual({ done: false, value: message(6) });
  });

  it('keeps the order with several pending calls', async () => {
    const delivery = new MessageIterator(chunks(2, 2), () => undefined);
    const taken = await Promise.all([1, 2, 3, 4].map(() => delivery.next()));
    expect(taken.map(({ value }) => value)).toEqual([1, 2, 3, 4].map(message));
  });

  it('ends a waiting source when it is left', async () => {
    const waiting = Promise.withResolvers<undefined>();
    async function* source(): AsyncGenerator<SubscriptionMessage[], void> {
      yield [message(1), message(2)];
      await waiting.promise;
    }
    const delivery = new MessageIterator(source(), () => waiting.resolve(undefined));
    await delivery.next();
    delivery.ready(10);
    const pending = delivery.next();
    expect(await delivery.return()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
  });
});
