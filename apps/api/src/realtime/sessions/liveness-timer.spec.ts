import { describe, expect, it } from '@jest/globals';
import { LivenessTimer } from './liveness-timer.ts';

describe('A timer over a client', () => {
  it('asks one that has said nothing for 9 to 10 s, and gives it 5 s to answer', () => {
    const timer = new LivenessTimer(0);
    const next = timer.nextCheckAt();
    expect(next).toBeGreaterThanOrEqual(9_000);
    expect(next).toBeLessThanOrEqual(10_000);
    expect(timer.isPingDue(8_999)).toBe(false);
    expect(timer.isPingDue(next)).toBe(true);
    timer.markPinged(next, next);
    expect(timer.isPingDue(next)).toBe(false);
    expect(timer.nextCheckAt()).toBe(next + 5_000);
    expect(timer.isPongOverdue(next + 4_999)).toBe(false);
    expect(timer.isPongOverdue(next + 5_000)).toBe(true);
  });

  it('takes an answer by the clock of the question, within the same tick too', () => {
    const timer = new LivenessTimer(0);
    timer.markPinged(10_000, 10_050);
    timer.markSeen(10_000);
    expect(timer.isPongOverdue(20_000)).toBe(false);
    expect(timer.isPingDue(19_000)).toBe(true);
  });

  it('warns once, 3 min before a token ends or halfway through a short one, and knows when it has', () => {
    const timer = new LivenessTimer(0);
    timer.setExpiry(600_000, 0);
    expect(timer.takeExpiryWarning(419_999)).toBeNull();
    expect(timer.takeExpiryWarning(420_000)).toBe(180_000);
    expect(timer.takeExpiryWarning(420_000)).toBeNull();
    timer.setExpiry(20_000, 500_000);
    timer.markSeen(500_000);
    expect(timer.nextCheckAt()).toBeLessThanOrEqual(510_000);
    expect(timer.takeExpiryWarning(510_000)).toBe(10_000);
    expect([timer.hasExpired(519_999), timer.hasExpired(520_000)]).toEqual([false, true]);
  });
});
