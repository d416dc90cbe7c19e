import { describe, expect, it } from '@jest/globals';
import type { SubscriptionMessage } from '../../event-store.ts';
import {
  at,
  between,
  FakeLogClient,
  rawEvent,
} from '../../../../../test/support/fake-log-client.ts';
import { LogClientError, type LogPosition, type RawEvent, type RawMessage } from './log-client.ts';
import { toPosition } from './positions.ts';
import { follow } from './subscription.ts';

const event = (place: number, overrides: Partial<RawEvent> = {}): RawMessage => ({
  kind: 'event',
  event: rawEvent(place, overrides),
});
const checkpoint = (position: LogPosition): RawMessage => ({ kind: 'checkpoint', position });
const caughtUp: RawMessage = { kind: 'caughtUp' };
const tooSlow = new LogClientError('too_slow', 'Consumer too slow');

interface Follow {
  readonly after?: LogPosition;
  readonly types?: readonly string[];
}

/** Follows until `count` messages have come, and returns the kind and position of each. */
async function followed(
  client: FakeLogClient,
  count: number,
  { after, types }: Follow = {},
): Promise<string[]> {
  const abort = new AbortController();
  const start = after === undefined ? null : toPosition(after);
  const seen: SubscriptionMessage[] = [];
  for await (const message of follow(client, { after: start, types, signal: abort.signal })) {
    seen.push(message);
    if (seen.length === count) abort.abort();
  }
  return seen.map((message) => {
    const place = message.kind === 'event' ? message.event.position : message.position;
    return `${message.kind} ${place ?? 'nowhere'}`;
  });
}

const say = (kind: string, position: LogPosition) => `${kind} ${toPosition(position)}`;

describe('following the log', () => {
  it('delivers caughtUp with the position of the last message', async () => {
    const client = new FakeLogClient();
    client.willGive(caughtUp, event(5), caughtUp);
    expect(await followed(client, 3)).toEqual([
      'caughtUp nowhere',
      say('event', at(5)),
      say('caughtUp', at(5)),
    ]);
  });

  it('delivers each position once, in increasing order', async () => {
    const client = new FakeLogClient();
    client.willGive(event(3), event(5), event(5), checkpoint(at(4)), event(3), event(6));
    expect(await followed(client, 3)).toEqual([3, 5, 6].map((place) => say('event', at(place))));
  });

  it('delivers a checkpoint instead of an event outside the log', async () => {
    const client = new FakeLogClient();
    client.willGive(event(3, { stream: 'order-1' }));
    expect(await followed(client, 1)).toEqual([say('checkpoint', at(3))]);
  });

  it('subscribes after the given event', async () => {
    const client = new FakeLogClient();
    client.willGive(caughtUp);
    await followed(client, 1, { after: at(7) });
    expect(client.subscriptions[0]?.after).toEqual(at(7));
    expect(client.readsBack).toEqual([]);
  });

  it('subscribes after the event before a checkpoint, because the server would skip the next event', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1), rawEvent(4), rawEvent(7)];
    client.willGive(event(4), event(7));
    expect(await followed(client, 1, { after: between(7) })).toEqual([say('event', at(7))]);
    expect(client.subscriptions[0]?.after).toEqual(at(4));
  });

  it('subscribes from the start if there is no event before a checkpoint', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(7)];
    client.willGive(event(7));
    expect(await followed(client, 1, { after: between(7) })).toEqual([say('event', at(7))]);
    expect(client.subscriptions[0]?.after).toBeNull();
  });

  it('resumes from its last position when the server drops it for being slow', async () => {
    const client = new FakeLogClient();
    client.willGive(caughtUp, event(3), tooSlow);
    client.willGive(event(4), caughtUp);
    expect(await followed(client, 4)).toEqual([
      'caughtUp nowhere',
      say('event', at(3)),
      say('event', at(4)),
      say('caughtUp', at(4)),
    ]);
    expect(client.subscriptions[1]?.after).toEqual(at(3));
  });

  it('fails when it is dropped for any other reason', async () => {
    const client = new FakeLogClient();
    client.willGive(event(3), new LogClientError('unknown', 'read ECONNRESET'));
    await expect(followed(client, 2)).rejects.toThrow('read ECONNRESET');
  });
});

describe('following some types', () => {
  const types = ['UserCreated'];
  const created = (place: number) => event(place, { type: 'UserCreated' });

  it('lets the server filter until caught up, then filters itself', async () => {
    const client = new FakeLogClient();
    client.willGive(created(3), caughtUp);
    client.willGive(event(5), caughtUp, event(6), created(7));
    expect(await followed(client, 5, { types })).toEqual([
      say('event', at(3)),
      say('checkpoint', at(5)),
      say('caughtUp', at(5)),
      say('checkpoint', at(6)),
      say('event', at(7)),
    ]);
    expect(client.subscriptions.map(({ filter }) => filter)).toEqual([
      { eventTypes: types },
      { streamPrefixes: ['service-', 'user-', 'node-', 'key-'] },
    ]);
    expect(client.subscriptions[1]?.after).toEqual(at(3));
  });

  it('skips types that only start with one of the given types', async () => {
    const client = new FakeLogClient();
    client.willGive(event(3, { type: 'UserCreatedTwice' }));
    expect(await followed(client, 1, { types })).toEqual([say('checkpoint', at(3))]);
  });

  it('delivers only checkpoints for an empty list of types', async () => {
    const client = new FakeLogClient();
    client.willGive(event(3), caughtUp);
    expect(await followed(client, 2, { types: [] })).toEqual([
      say('checkpoint', at(3)),
      say('caughtUp', at(3)),
    ]);
  });
});
