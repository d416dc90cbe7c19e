import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromPosition, toPosition } from './positions.ts';

const place = fc.record({
  commit: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  prepare: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
});

describe('positions', () => {
  it('survive conversion to text and back', () => {
    fc.assert(fc.property(place, (each) => expect(fromPosition(toPosition(each))).toEqual(each)));
  });

  it('are ordered as text by commit, then by prepare', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const before = a.commit === b.commit ? a.prepare < b.prepare : a.commit < b.commit;
        expect(toPosition(a) < toPosition(b)).toBe(before);
      }),
    );
  });

  it('between two events are before the second event', () => {
    expect(toPosition({ commit: 7n, prepare: 0n }) < toPosition({ commit: 7n, prepare: 7n })).toBe(
      true,
    );
  });

  it.each(['', '42', '-1', 'x'.repeat(40), '0'.repeat(20)])(
    'are refused from the text %j',
    (text) => {
      expect(() => fromPosition(text)).toThrow(RangeError);
    },
  );
});
