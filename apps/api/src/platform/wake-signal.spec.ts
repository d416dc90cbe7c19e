import { describe, expect, it } from '@jest/globals';
import { WakeSignal } from './wake-signal.ts';

const FOREVER_MS = 1_000_000;

describe('A wake signal', () => {
  it('ends the current wait, or the next one if it arrives early', async () => {
    const signal = new WakeSignal();
    const waiting = signal.wait(FOREVER_MS);
    signal.wake();
    await waiting;
    signal.wake();
    await signal.wait(FOREVER_MS);
  });

  it('wakes once, and a wait ends at the timeout', async () => {
    const signal = new WakeSignal();
    signal.wake();
    await signal.wait(FOREVER_MS);
    const startedAt = performance.now();
    await signal.wait(20);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
  });
});
