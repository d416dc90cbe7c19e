import { beforeEach, describe, expect, it } from '@jest/globals';
import { StoreHealthRecord } from './store-health.ts';

describe('the health of a store', () => {
  let now: number;
  let record: StoreHealthRecord;

  beforeEach(() => {
    now = 1_000;
    record = new StoreHealthRecord(() => now);
  });

  it('is up before the first call, without a good read or write', () => {
    expect(record.health).toEqual({
      state: 'up',
      since: 1_000,
      reason: null,
      lastGoodReadAt: null,
      lastGoodWriteAt: null,
    });
  });

  it('tells a store that cannot be written from one that does not answer', () => {
    now = 2_000;
    record.setWriteFault('disk is full');
    expect(record.health).toMatchObject({
      state: 'unwritable',
      since: 2_000,
      reason: 'disk is full',
    });
    now = 3_000;
    record.setReadFault('no answer');
    expect(record.health).toMatchObject({ state: 'away', since: 3_000, reason: 'no answer' });
    now = 4_000;
    record.readSucceeded();
    expect(record.health).toMatchObject({
      state: 'unwritable',
      since: 4_000,
      reason: 'disk is full',
    });
    now = 5_000;
    record.writeSucceeded();
    expect(record.health).toEqual({
      state: 'up',
      since: 5_000,
      reason: null,
      lastGoodReadAt: 4_000,
      lastGoodWriteAt: 5_000,
    });
  });

  it('keeps the start of a state whose reason changes', () => {
    record.setReadFault('no answer');
    now = 2_000;
    record.setReadFault('connection refused');
    expect(record.health).toMatchObject({ since: 1_000, reason: 'connection refused' });
  });
});
