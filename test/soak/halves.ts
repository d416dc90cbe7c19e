import { percentile } from '../bench/realtime/figures.ts';

/** The value of a measure at a time, in milliseconds since the start. */
export interface Reading {
  readonly at: number;
  readonly value: number;
}

/** One measure in both halves of a run. */
export interface Halves {
  readonly first: number;
  readonly second: number;
}

/** The part of a run that is compared: without its beginning, in which caches fill. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Windows in which percentiles are taken. One slow window then does not decide about a half. */
const WINDOWS_PER_HALF = 10;

/** Medians of the readings in each half. */
export function medians(readings: readonly Reading[], span: Span): Halves {
  return byHalf(span, (from, to) => percentile(valuesIn(readings, from, to), 0.5));
}

/** For each half, the median of the 99th percentiles of its windows. */
export function p99s(readings: readonly Reading[], span: Span): Halves {
  return byHalf(span, (from, to) => {
    const length = (to - from) / WINDOWS_PER_HALF;
    const windows = Array.from({ length: WINDOWS_PER_HALF }, (_, index) =>
      valuesIn(readings, from + index * length, from + (index + 1) * length),
    );
    const filled = windows.filter((window) => window.length > 0);
    return percentile(
      filled.map((window) => percentile(window, 0.99)),
      0.5,
    );
  });
}

/** For each half, the growth of one counter by the growth of another: bytes by event. */
export function growthPer(of: readonly Reading[], per: readonly Reading[], span: Span): Halves {
  return byHalf(span, (from, to) => growth(of, from, to) / growth(per, from, to));
}

/** Growth from the first to the second half: 0.1 is a tenth more. */
export function change({ first, second }: Halves): number {
  return second / first - 1;
}

/**
 * Whether a measure that should not grow is at most a tenth higher in the second half. Where other work of the machine slowed a
 * reference down as well, as much is allowed.
 */
export function isSteady(measure: Halves, reference?: Halves): boolean {
  const slowdown = reference === undefined ? 1 : Math.max(1, reference.second / reference.first);
  return measure.second <= measure.first * slowdown * 1.1;
}

function byHalf({ from, to }: Span, of: (from: number, to: number) => number): Halves {
  const middle = (from + to) / 2;
  return { first: of(from, middle), second: of(middle, to) };
}

function valuesIn(readings: readonly Reading[], from: number, to: number): number[] {
  return readings.filter(({ at }) => from <= at && at < to).map(({ value }) => value);
}

function growth(readings: readonly Reading[], from: number, to: number): number {
  const values = valuesIn(readings, from, to);
  return (values.at(-1) ?? Number.NaN) - (values[0] ?? Number.NaN);
}
