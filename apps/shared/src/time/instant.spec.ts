import { describe, expect, it } from '@jest/globals';
import { parseInstant } from './instant.ts';

describe('parseInstant', () => {
  it.each([
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22T14:02Z', '2026-11-22T14:02:00.000Z'],
    ['2026-11-22T14:02:03Z', '2026-11-22T14:02:03.000Z'],
    ['2026-11-22T14:02:03.4567Z', '2026-11-22T14:02:03.456Z'],
    ['2026-11-22T14:02:03+01:00', '2026-11-22T13:02:03.000Z'],
    ['2026-11-22T14:02:03-0530', '2026-11-22T19:32:03.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('parses %s as %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    '',
    'yesterday',
    '2026-11-22T14:02:03',
    '2026-11-22 14:02:03Z',
    '2026-02-30',
    '2026-13-01',
    '2026-11-22T25:00Z',
    '1763820123',
  ])('rejects %j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });
});
