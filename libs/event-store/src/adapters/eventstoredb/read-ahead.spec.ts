import { describe, expect, it } from '@jest/globals';
import { at, FakeLogClient, rawEvent } from '../../../../../test/support/fake-log-client.ts';
import { toPosition } from './positions.ts';
import { readAhead } from './read-ahead.ts';

const never = new AbortController().signal;

async function placesRead(client: FakeLogClient, after: number | null): Promise<string[]> {
  const start = after === null ? null : toPosition(at(after));
  const places: string[] = [];
  for await (const events of readAhead(client, start, never)) {
    expect(events).not.toEqual([]);
    places.push(...events.map(({ position }) => position));
  }
  return places;
}

const places = (...commits: readonly number[]) => commits.map((commit) => toPosition(at(commit)));

describe('Reading ahead', () => {
  it('returns the events of the log only', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1), rawEvent(4, { stream: '$stats' }), rawEvent(7)];
    expect(await placesRead(client, null)).toEqual(places(1, 7));
  });

  it('skips the event at its start position', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1), rawEvent(4), rawEvent(7)];
    expect(await placesRead(client, 4)).toEqual(places(7));
  });

  it('returns nothing if all events are outside the log', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1, { stream: '$stats' })];
    expect(await placesRead(client, null)).toEqual([]);
  });
});
