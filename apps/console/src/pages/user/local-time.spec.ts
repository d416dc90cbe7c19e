import { describe, expect, it } from '@jest/globals';
import { fromLocalField, toLocalField } from './local-time.ts';

describe('a field for a time', () => {
  it.each(['2026-03-04T05:06:07.000Z', '2026-07-04T23:59:59.000Z'])(
    'shows %s and returns it',
    (time) => {
      expect(fromLocalField(toLocalField(time))).toBe(time);
    },
  );

  it.each(['', 'yesterday'])('has no time while it says "%s"', (value) => {
    expect(fromLocalField(value)).toBeNull();
  });
});
