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
  it('gives the events of the log, and no place of what is not of the log', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1), rawEvent(4, { stream: '$stats' }), rawEvent(7)];
    expect(await placesRead(client, null)).toEqual(places(1, 7));
  });

  it('leaves out the event that it starts at', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1), rawEvent(4), rawEvent(7)];
    expect(await placesRead(client, 4)).toEqual(places(7));
  });

  it('gives nothing where only others have written', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1, { stream: '$stats' })];
    expect(await placesRead(client, null)).toEqual([]);
  });
});
