import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PositionNumbers, toPositionNumber } from './position-numbers.ts';

const WIDTHS = [8, 16, 20, 40];
const FEW = 30;

const numbersOf = (width: number): PositionNumbers => new PositionNumbers('0'.repeat(width));

/** Bounds near a few positions: the positions, what sorts just after them, other lengths, and any other string. */
const bounds = (numbers: PositionNumbers): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(fc.nat(FEW), fc.nat(45), fc.constantFrom('', '~', '0', '5', ' '))
      .map(([number, length, end]) => numbers.toPosition(number).slice(0, length) + end),
    fc.string(),
    fc.constantFrom('', '~'),
  );

describe.each(WIDTHS)('Positions of %i digits', (width) => {
  const numbers = numbersOf(width);

  it('survive conversion to a number and back', () => {
    fc.assert(
      fc.property(fc.nat({ max: width > 15 ? Number.MAX_SAFE_INTEGER : 99_999_999 }), (number) => {
        const position = numbers.toPosition(number);
        expect(position).toHaveLength(width);
        expect(toPositionNumber(position)).toBe(number);
      }),
    );
  });

  it('are before a bound as numbers if they are as strings', () => {
    fc.assert(
      fc.property(bounds(numbers), fc.nat(FEW), (bound, number) => {
        const position = numbers.toPosition(number);
        expect(number <= numbers.atOrBefore(bound)).toBe(position <= bound);
        expect(number <= numbers.before(bound)).toBe(position < bound);
      }),
    );
  });
});

describe('A position that is no number', () => {
  const half = '1'.padStart(20, '0');

  it.each([half + '2'.padStart(20, '0'), half + '0'.repeat(20), '9'.repeat(20), 'x'])(
    '%s is refused',
    (position) => {
      expect(() => toPositionNumber(position)).toThrow(RangeError);
    },
  );
});
