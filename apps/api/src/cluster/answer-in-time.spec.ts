import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventStoreUnavailableError } from '#event-store';
import { answerInTime } from './answer-in-time.ts';

describe('An answer in time', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is passed on, be it a result or an error', async () => {
    expect(await answerInTime(Promise.resolve(7), 100)).toBe(7);
    await expect(answerInTime(Promise.reject(new Error('no')), 100)).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('that does not come becomes an error', async () => {
    const late = expect(answerInTime(new Promise(() => undefined), 100)).rejects.toThrow(
      EventStoreUnavailableError,
    );
    await jest.advanceTimersByTimeAsync(100);
    await late;
  });
});
