import { describe, expect, it } from '@jest/globals';
import {
  at,
  between,
  FakeLogClient,
  rawEvent,
} from '../../../../../test/support/fake-log-client.ts';
import { LogClientError, type RawEvent } from './log-client.ts';
import { LogHead, readAll } from './log-reads.ts';
import { toPosition } from './positions.ts';

const foreign = (place: number): RawEvent => rawEvent(place, { stream: 'snapshot-user-1' });

const never = new AbortController().signal;

function clientWith(...log: RawEvent[]): FakeLogClient {
  const client = new FakeLogClient();
  client.log = log;
  return client;
}

async function placesOf(events: AsyncIterable<{ position: string }>): Promise<string[]> {
  const places: string[] = [];
  for await (const { position } of events) places.push(position);
  return places;
}

describe('reading the whole log', () => {
  it('skips events outside the log', async () => {
    const client = clientWith(rawEvent(1), foreign(2), rawEvent(3));
    const end = toPosition(at(3));
    expect(await placesOf(readAll(client, {}, end, never))).toEqual([at(1), at(3)].map(toPosition));
  });

  it('skips the event at its start position, and nothing for a position between two events', async () => {
    const client = clientWith(rawEvent(1), rawEvent(2));
    const end = toPosition(at(2));
    const read = (after: string) => placesOf(readAll(client, { after }, end, never));
    expect(await read(toPosition(at(1)))).toEqual([end]);
    expect(await read(toPosition(between(1)))).toEqual([at(1), at(2)].map(toPosition));
    expect(await read(toPosition(between(2)))).toEqual([end]);
  });

  it('fails when it ends before the head', async () => {
    const client = clientWith(rawEvent(1), rawEvent(2), rawEvent(3));
    client.readsEndAt = 2;
    await expect(placesOf(readAll(client, {}, toPosition(at(3)), never))).rejects.toThrow(
      LogClientError,
    );
  });

  it('may stop at its limit before the head', async () => {
    const client = clientWith(rawEvent(1), rawEvent(2), rawEvent(3));
    const read = placesOf(readAll(client, { limit: 2 }, toPosition(at(3)), never));
    await expect(read).resolves.toHaveLength(2);
  });
});

describe('the head', () => {
  it('is the last event of the log, even with many other events after it', async () => {
    const others = Array.from({ length: 1_000 }, (_, index) => foreign(index + 2));
    const client = clientWith(rawEvent(1), ...others);
    expect(await new LogHead(client).find()).toBe(toPosition(at(1)));
  });

  it('is null if there are no events, or only events outside the log', async () => {
    expect(await new LogHead(clientWith(foreign(1), foreign(2))).find()).toBeNull();
    expect(await new LogHead(clientWith()).find()).toBeNull();
  });

  it('is searched back only to its last known position', async () => {
    const older = Array.from({ length: 1_000 }, (_, index) => foreign(index + 2));
    const client = clientWith(rawEvent(1), ...older);
    const head = new LogHead(client);
    await head.find();
    client.readsBack.length = 0;
    head.advance(toPosition(at(1_001)));
    client.log = [...client.log, foreign(1_002)];
    expect(await head.find()).toBe(toPosition(at(1_001)));
    expect(client.readsBack).toHaveLength(1);
  });
});
