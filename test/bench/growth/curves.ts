/** One measured point. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How something grows with something else. */
export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Curves in one plot. */
export interface Growth {
  readonly id: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
}

/** Exponents up to which a curve counts as flat, and between which as linear. */
const FLAT = 0.15;
const LINEAR = { from: 0.85, to: 1.15 };
/** By how much an exponent rises where a curve bends. */
const BEND = 0.5;

/** The exponent k of y = c * x^k that fits best: 0 is flat, 1 linear. */
export function exponentOf(points: readonly Point[]): number {
  const logs = points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }));
  const mean = (of: (point: Point) => number) =>
    logs.reduce((sum, point) => sum + of(point), 0) / logs.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const covariance = mean(({ x, y }) => (x - meanX) * (y - meanY));
  return covariance / mean(({ x }) => (x - meanX) ** 2);
}

/** What an exponent says in words. */
export function shapeOf(exponent: number): string {
  if (exponent <= FLAT) return 'flat';
  if (exponent >= LINEAR.from && exponent <= LINEAR.to) return 'linear';
  return `x^${exponent.toFixed(2)}`;
}

/** Where a curve begins to rise clearly faster than before; null if it does not. */
export function bendOf(points: readonly Point[]): number | null {
  for (let at = 1; at < points.length - 1; at += 1) {
    const [before, after] = [points.slice(0, at + 1), points.slice(at, at + 2)];
    if (exponentOf(after) > Math.max(0, exponentOf(before)) + BEND) return points[at]?.x ?? null;
  }
  return null;
}
