import { describe, expect, it } from '@jest/globals';
import { WakeSignal } from './wake-signal.ts';

const FOREVER_MS = 1_000_000;

describe('A wake signal', () => {
  it('ends a wait, and the next wait where it came early', async () => {
    const signal = new WakeSignal();
    const waiting = signal.wait(FOREVER_MS);
    signal.wake();
    await waiting;
    signal.wake();
    await signal.wait(FOREVER_MS);
  });

  it('wakes once, and waits no longer than the timeout', async () => {
    const signal = new WakeSignal();
    signal.wake();
    await signal.wait(FOREVER_MS);
    const startedAt = performance.now();
    await signal.wait(20);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
  });
});
