import { describe, expect, it } from '@jest/globals';
import { inAgo, inDuration } from './durations.ts';

describe('durations in words', () => {
  it.each([
    [0, '0 s'],
    [999, '0 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [90_000_000, '1 d 1 h'],
    [400 * 86_400_000, '1 y 35 d'],
  ])('writes %d ms as %s', (milliseconds, words) => {
    expect(inDuration(milliseconds)).toBe(words);
  });

  it.each([
    [-60_000, 'just now'],
    [4_999, 'just now'],
    [5_000, '5 s ago'],
    [119_000, '1 min ago'],
    [86_400_000, '1 d ago'],
  ])('writes a time %d ms ago as %s', (milliseconds, words) => {
    expect(inAgo(milliseconds)).toBe(words);
  });
});
