import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeLogClient } from '../../../../../test/support/fake-log-client.ts';
import { until } from '../../../../../test/support/until.ts';
import { StoreHealthRecord } from '../../store-health.ts';
import { LogClientError } from './log-client.ts';
import { WriteCheck } from './write-check.ts';

describe('a store that cannot be written', () => {
  let client: FakeLogClient;
  let health: StoreHealthRecord;
  let check: WriteCheck;
  const noAnswer = new LogClientError('no_answer', 'No answer in 3000 ms');
  const state = () => health.health.state;

  beforeEach(() => {
    client = new FakeLogClient();
    client.onAppend = () => Promise.reject(new LogClientError('refused', 'Access Denied'));
    health = new StoreHealthRecord();
    check = new WriteCheck(client, health, 5);
  });
  afterEach(() => check.close());

  it('is unwritable when it refuses an append, and tried until it accepts one', async () => {
    check.failed(new LogClientError('refused', 'Access Denied'));
    expect(health.health).toMatchObject({
      state: 'unwritable',
      reason: 'EventStoreDB refuses writes: Access Denied',
    });
    await until('some attempts', () => client.appends.length > 2 || undefined);
    expect(state()).toBe('unwritable');
    client.onAppend = () =>
      Promise.resolve({ revision: 0n, position: { commit: 1n, prepare: 1n } });
    await until('the store to be up', () => state() === 'up' || undefined);
    await until('a limit of its stream', () => client.kept.length > 0 || undefined);
    const written = new Set(client.appends.map(([stream]) => stream));
    expect([...written]).toEqual(['reachability-write-check']);
  });

  it('is unwritable when it answers reads, but not two appends in a row', () => {
    check.failed(noAnswer);
    check.succeeded();
    check.failed(noAnswer);
    health.readSucceeded();
    expect(state()).toBe('up');
    check.failed(noAnswer);
    expect(state()).toBe('unwritable');
  });

  it('is not unwritable when it answers nothing at all', () => {
    check.failed(noAnswer);
    check.failed(noAnswer);
    health.setReadFault('gave no answer');
    check.failed(noAnswer);
    expect(state()).toBe('away');
    expect(health.writeFault).toBeNull();
  });

  it('is not unwritable after other failures', () => {
    check.failed(new LogClientError('wrong_revision', ''));
    check.failed(new LogClientError('unknown', 'broken off'));
    check.failed(new TypeError('not iterable'));
    expect(state()).toBe('up');
  });
});
