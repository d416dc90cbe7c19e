import { describe, expect, it } from '@jest/globals';
import { LivenessTimer } from './liveness-timer.ts';

describe('A vigil over a client', () => {
  it('asks one that has said nothing for 9 to 10 s, and gives it 5 s to answer', () => {
    const vigil = new LivenessTimer(0);
    const next = vigil.next();
    expect(next).toBeGreaterThanOrEqual(9_000);
    expect(next).toBeLessThanOrEqual(10_000);
    expect(vigil.isToBeAsked(8_999)).toBe(false);
    expect(vigil.isToBeAsked(next)).toBe(true);
    vigil.asked(next, next);
    expect(vigil.isToBeAsked(next)).toBe(false);
    expect(vigil.next()).toBe(next + 5_000);
    expect(vigil.hasFallenSilent(next + 4_999)).toBe(false);
    expect(vigil.hasFallenSilent(next + 5_000)).toBe(true);
  });

  it('takes an answer by the clock of the question, within the same tick too', () => {
    const vigil = new LivenessTimer(0);
    vigil.asked(10_000, 10_050);
    vigil.seen(10_000);
    expect(vigil.hasFallenSilent(20_000)).toBe(false);
    expect(vigil.isToBeAsked(19_000)).toBe(true);
  });

  it('warns once, 3 min before a token ends or halfway through a short one, and knows when it has', () => {
    const vigil = new LivenessTimer(0);
    vigil.lastsFor(600_000, 0);
    expect(vigil.takeWarning(419_999)).toBeNull();
    expect(vigil.takeWarning(420_000)).toBe(180_000);
    expect(vigil.takeWarning(420_000)).toBeNull();
    vigil.lastsFor(20_000, 500_000);
    vigil.seen(500_000);
    expect(vigil.next()).toBeLessThanOrEqual(510_000);
    expect(vigil.takeWarning(510_000)).toBe(10_000);
    expect([vigil.hasExpired(519_999), vigil.hasExpired(520_000)]).toEqual([false, true]);
  });
});
