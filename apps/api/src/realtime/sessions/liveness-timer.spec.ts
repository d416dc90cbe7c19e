import { describe, expect, it } from '@jest/globals';
import { LivenessTimer } from './liveness-timer.ts';

describe('LivenessTimer', () => {
  it('pings a client after 9 to 10 s of silence, and expects a pong within 5 s', () => {
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

  it('accepts a pong within the tick of its ping', () => {
    const timer = new LivenessTimer(0);
    timer.markPinged(10_000, 10_050);
    timer.markSeen(10_000);
    expect(timer.isPongOverdue(20_000)).toBe(false);
    expect(timer.isPingDue(19_000)).toBe(true);
  });

  it('warns once, 3 min before a token expires or halfway through a short one, and tells when it has expired', () => {
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
