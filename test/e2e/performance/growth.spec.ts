import { describe, expect, it } from '@jest/globals';
import { bendOf, exponentOf, shapeOf, type Point } from '../../bench/growth/curves.ts';

const curve = (y: (x: number) => number): Point[] =>
  [10, 100, 1_000, 10_000, 100_000].map((x) => ({ x, y: y(x) }));

describe('The growth of a curve', () => {
  it.each([
    ['flat', () => 5],
    ['flat', (x: number) => 5 / x],
    ['linear', (x: number) => x / 3],
    ['x^2.00', (x: number) => x ** 2],
  ])('is %s', (shape, y) => {
    expect(shapeOf(exponentOf(curve(y)))).toBe(shape);
  });

  it('bends where it begins to rise faster', () => {
    expect(bendOf(curve((x) => (x <= 1_000 ? 5 : x / 200)))).toBe(1_000);
  });

  it('does not bend when it stays a straight line, or flattens', () => {
    expect(bendOf(curve((x) => x))).toBeNull();
    expect(bendOf(curve((x) => Math.min(x, 1_000)))).toBeNull();
  });
});
