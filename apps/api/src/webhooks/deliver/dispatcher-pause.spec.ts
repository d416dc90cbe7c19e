import { describe, expect, it } from '@jest/globals';
import { CLAIM_TIMES } from './held-claims.ts';
import { pauseUntil } from './dispatcher-pause.ts';

const NOW = 1_000_000;
const pause = (nextAt: number | null, services: string[] = []) =>
  pauseUntil({ services, nextAt }, NOW);

describe('A worker that is told of new deliveries', () => {
  it('looks rarely while nothing has a time', () => {
    expect(pause(null)).toBe(10_000);
    expect(pause(NOW + 3_600_000)).toBe(10_000);
  });

  it('looks often while something is due', () => {
    expect(pause(null, ['IS1'])).toBe(250);
  });

  it('looks when a delivery becomes due', () => {
    expect(pause(NOW + 300)).toBe(300);
  });

  it('looks every second for longer than a claim, before that may end', () => {
    expect(pause(NOW + CLAIM_TIMES.termMs)).toBe(1_000);
    expect(pause(NOW + 9_000)).toBeLessThanOrEqual(9_000 - CLAIM_TIMES.termMs);
  });
});
