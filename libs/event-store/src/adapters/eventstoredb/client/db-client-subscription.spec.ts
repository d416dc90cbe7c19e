import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { at, rawEvent } from '../../../../../../test/support/fake-log-client.ts';
import { subscribe } from './db-client-subscription.ts';
import type { RawMessage } from '../log-client.ts';

/** The stream that the client returns for a subscription, fed by the test. */
class FakeSubscription extends PassThrough {
  readonly isLocal = false;
  id = 'fake';
  unsubscribed = 0;

  constructor() {
    super({ objectMode: true });
  }

  unsubscribe(): Promise<void> {
    this.unsubscribed += 1;
    this.end();
    return Promise.resolve();
  }

  event(place: number): void {
    const { stream: streamId, created, ...event } = rawEvent(place);
    this.write({ event: { ...event, streamId, created: new Date(created) } });
  }
}

type Subscribe = EventStoreDBClient['subscribeToAll'];
type Filter = NonNullable<Parameters<Subscribe>[0]>['filter'];

function subscribeTo(subscription: FakeSubscription, signal = new AbortController().signal) {
  let filter: Filter;
  const subscribeToAll: Subscribe = (options) => {
    filter = options?.filter;
    return subscription;
  };
  const range = { after: null, filter: { streamPrefixes: ['user-'] }, signal };
  const messages = subscribe({ subscribeToAll }, range);
  const checkpoint = (place: number) => filter?.checkpointReached?.(subscription, at(place));
  return { messages, checkpoint };
}

/** Kinds of the messages, and how the subscription ends. */
async function played(messages: AsyncIterable<RawMessage>): Promise<string[]> {
  const kinds: string[] = [];
  try {
    for await (const { kind } of messages) kinds.push(kind);
    return [...kinds, 'end'];
  } catch (error) {
    return [...kinds, error instanceof Error ? error.message : 'no error'];
  }
}

describe('a subscription', () => {
  it('delivers checkpoint and caughtUp in their order among the events, not when the callback is called', async () => {
    const subscription = new FakeSubscription();
    const { messages, checkpoint } = subscribeTo(subscription);
    const first = messages.next();
    subscription.event(1);
    subscription.event(2);
    await checkpoint(3);
    subscription.event(4);
    subscription.emit('caughtUp');
    subscription.event(5);
    subscription.end();
    expect((await first).value).toMatchObject({ kind: 'event' });
    expect((await played(messages)).slice(0, -1)).toEqual([
      'event',
      'checkpoint',
      'event',
      'caughtUp',
      'event',
    ]);
  });

  it('fails when the server ends it, although the client reports success', async () => {
    const subscription = new FakeSubscription();
    const { messages } = subscribeTo(subscription);
    subscription.end();
    expect(await played(messages)).toEqual(['The server ended the subscription']);
  });

  it('delivers the messages before an error, then throws the error', async () => {
    const subscription = new FakeSubscription();
    const { messages } = subscribeTo(subscription);
    const all = played(messages);
    subscription.event(1);
    subscription.destroy(new Error('14 UNAVAILABLE: read ECONNRESET'));
    expect((await all).at(-1)).toBe('14 UNAVAILABLE: read ECONNRESET');
  });

  it('ends without an error when aborted while it waits', async () => {
    const subscription = new FakeSubscription();
    const abort = new AbortController();
    const { messages } = subscribeTo(subscription, abort.signal);
    const all = played(messages);
    abort.abort();
    expect(await all).toEqual(['end']);
    expect(subscription.unsubscribed).toBeGreaterThan(0);
  });

  it('is cancelled when the consumer leaves', async () => {
    const subscription = new FakeSubscription();
    const { messages } = subscribeTo(subscription);
    subscription.event(1);
    subscription.event(2);
    for await (const { kind } of messages) {
      expect(kind).toBe('event');
      break;
    }
    expect(subscription.unsubscribed).toBe(1);
  });

  it('ignores callbacks and errors after its end', async () => {
    const subscription = new FakeSubscription();
    const { messages, checkpoint } = subscribeTo(subscription);
    subscription.end();
    await played(messages);
    await checkpoint(1);
    expect(subscription.emit('caughtUp')).toBe(true);
    expect(subscription.emit('error', new Error('too late'))).toBe(true);
  });
});
