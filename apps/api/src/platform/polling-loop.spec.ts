import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PollingLoop, type RoundResult } from './polling-loop.ts';

const LEAST_MS = 100;
const MOST_MS = 10_000;

describe('A loop', () => {
  let rounds: number;
  let next: () => Promise<RoundResult>;
  let loop: PollingLoop;

  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    Logger.overrideLogger(false);
    rounds = 0;
    next = () => Promise.resolve('idle');
    const round = (): Promise<RoundResult> => {
      rounds += 1;
      return next();
    };
    const pauses = { least: LEAST_MS, most: () => MOST_MS };
    loop = new PollingLoop('Work', round, pauses, new Logger('Work'));
  });
  afterEach(async () => {
    await loop.stop();
    jest.useRealTimers();
    Logger.overrideLogger(new Logger());
  });

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('looks for work at its longest pause while nobody wakes it', async () => {
    loop.start();
    await pass(MOST_MS - 1);
    expect(rounds).toBe(1);
    await pass(10);
    expect(rounds).toBe(2);
  });

  it('begins a round when it is woken, but not before its least pause', async () => {
    loop.start();
    await pass(1);
    for (let wake = 0; wake < 10; wake += 1) loop.wake();
    await pass(LEAST_MS / 2);
    expect(rounds).toBe(1);
    await pass(LEAST_MS);
    expect(rounds).toBe(2);
    await pass(LEAST_MS * 10);
    expect(rounds).toBe(2);
  });

  it('begins a round when something is due', async () => {
    next = () => Promise.resolve({ againInMs: 3_000 });
    loop.start();
    await pass(2_990);
    expect(rounds).toBe(1);
    await pass(20);
    expect(rounds).toBe(2);
  });

  it('sets no timer to a time that has passed when something is due before its least pause', async () => {
    next = () => Promise.resolve({ againInMs: 1 });
    const timers = jest.spyOn(globalThis, 'setTimeout');
    loop.start();
    await pass(LEAST_MS * 3);
    expect(rounds).toBeGreaterThan(1);
    expect(timers.mock.calls.filter(([, ms = 0]) => ms < 0)).toEqual([]);
  });

  it('repeats a round that failed after its least pause', async () => {
    next = () => Promise.reject(new Error('away'));
    loop.start();
    await pass(LEAST_MS * 3);
    expect(rounds).toBeGreaterThan(1);
  });
});
