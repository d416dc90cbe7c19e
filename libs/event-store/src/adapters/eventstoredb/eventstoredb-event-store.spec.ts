import { describe, expect, it } from '@jest/globals';
import { InvalidEventError } from '#domain';
import {
  AppendOutcomeUnknownError,
  EventStoreUnavailableError,
  EventStoreUnwritableError,
  UnreadableEventError,
  WrongExpectedRevisionError,
} from '../../errors.ts';
import { at, FakeLogClient, rawEvent } from '../../../../../test/support/fake-log-client.ts';
import { EventStoreDbEventStore } from './eventstoredb-event-store.ts';
import { LogClientError } from './log-client.ts';
import { toRecordedEvent } from './records.ts';

const event = toRecordedEvent(rawEvent(1));
const storeOn = (client: FakeLogClient) =>
  new EventStoreDbEventStore(
    client,
    { epoch: '0badcafe', formerEpochs: [], epochStart: null },
    {
      timeoutMs: 50,
    },
  );

function storeWhereAppendsFail(error: Error): EventStoreDbEventStore {
  const client = new FakeLogClient();
  client.onAppend = () => Promise.reject(error);
  return storeOn(client);
}

describe('an append', () => {
  it('without an answer in time has an unknown outcome', async () => {
    const client = new FakeLogClient();
    client.onAppend = () => Promise.withResolvers<never>().promise;
    const append = storeOn(client).append('user-1', 'no_stream', [event]);
    await expect(append).rejects.toThrow(AppendOutcomeUnknownError);
  });

  it.each([
    ['broken off', 'unknown', AppendOutcomeUnknownError],
    ['without an answer', 'no_answer', AppendOutcomeUnknownError],
    ['refused', 'refused', EventStoreUnwritableError],
    ['not handled', 'not_handled', EventStoreUnavailableError],
    ['too large', 'too_large', InvalidEventError],
  ] as const)('that was %s rejects with the matching error', async (_, failure, expected) => {
    const store = storeWhereAppendsFail(new LogClientError(failure, 'why'));
    const append = store.append('user-1', 3, [event]);
    await expect(append).rejects.toThrow(expected);
    await expect(append).rejects.toThrow(/EventStoreDB.*why/);
  });

  it('that fails with an unexpected error has an unknown outcome', async () => {
    const store = storeWhereAppendsFail(new TypeError('not iterable'));
    await expect(store.append('user-1', 3, [event])).rejects.toThrow(AppendOutcomeUnknownError);
  });

  it.each([
    [7n, 'Stream user-1 is at 7, expected 3'],
    ['no_stream', 'Stream user-1 is at no_stream, expected 3'],
  ] as const)('to a stream with revision %s is a conflict', async (actual, message) => {
    const store = storeWhereAppendsFail(new LogClientError('wrong_revision', '', actual));
    const append = store.append('user-1', 3, [event]);
    await expect(append).rejects.toThrow(WrongExpectedRevisionError);
    await expect(append).rejects.toThrow(message);
  });

  it('always passes on the expected revision', async () => {
    const client = new FakeLogClient();
    const store = storeOn(client);
    await store.append('user-1', 'no_stream', [event]);
    await store.append('user-1', 4, [event]);
    expect(client.appends.map(([, expected]) => expected)).toEqual(['no_stream', 4n]);
  });
});

describe('reads and subscriptions', () => {
  it('fail as unavailable when the server ends them', async () => {
    const client = new FakeLogClient();
    client.willGive(new LogClientError('not_handled', 'The server ended the subscription'));
    const subscribe = async () => {
      for await (const message of storeOn(client).subscribe()) expect(message).toBeUndefined();
    };
    await expect(subscribe()).rejects.toThrow(EventStoreUnavailableError);
  });

  it('throw UnreadableEventError for a malformed event', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1, { data: '{"half":' })];
    await expect(
      storeOn(client).readStream('user-1')[Symbol.asyncIterator]().next(),
    ).rejects.toThrow(UnreadableEventError);
  });

  it('end when the consumer leaves while they wait', async () => {
    const client = new FakeLogClient();
    client.willGive({ kind: 'caughtUp' });
    const messages = storeOn(client).subscribe()[Symbol.asyncIterator]();
    await messages.next();
    const waiting = messages.next();
    await messages.return?.();
    expect((await waiting).done).toBe(true);
  });
});

describe('snapshots', () => {
  const snapshot = { version: 1, revision: 3, position: '7', state: { open: 1 } };

  it('set a limit of one event with the first snapshot of a stream', async () => {
    const client = new FakeLogClient();
    const { snapshots } = storeOn(client);
    await snapshots.save('user-1', snapshot);
    client.onAppend = () => Promise.resolve({ revision: 1n, position: at(2) });
    await snapshots.save('user-1', snapshot);
    expect(client.kept).toEqual(['snapshot-user-1']);
  });

  it('are null if they are malformed', async () => {
    const client = new FakeLogClient();
    client.log = [rawEvent(1, { stream: 'snapshot-user-1', data: '{"version":' })];
    expect(await storeOn(client).snapshots.load('user-1')).toBeNull();
  });
});
