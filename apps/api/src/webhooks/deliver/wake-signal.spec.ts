import { describe, expect, it } from '@jest/globals';
import { WakeSignal } from './wake-signal.ts';

const FOREVER_MS = 1_000_000;

describe('An alarm', () => {
  it('wakes who sleeps, and who lies down after it rang', async () => {
    const alarm = new WakeSignal();
    const sleeping = alarm.sleep(FOREVER_MS);
    alarm.ring();
    await sleeping;
    alarm.ring();
    await alarm.sleep(FOREVER_MS);
  });

  it('lets nobody sleep for longer than they want, and rings once', async () => {
    const alarm = new WakeSignal();
    alarm.ring();
    await alarm.sleep(FOREVER_MS);
    const startedAt = performance.now();
    await alarm.sleep(20);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
  });
});
