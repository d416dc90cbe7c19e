import { describe, expect, it } from '@jest/globals';
import { Histogram, Registry } from 'prom-client';
import { BucketCounts, CountedHistogram } from './counted-histogram.ts';

const BOUNDS = [0.01, 0.1, 1];
const VALUES = [0.001, 0.01, 0.011, 0.5, 2, 3];

describe('A counted histogram', () => {
  it('is exported as one that prom-client has counted', async () => {
    const labels = { route: '/a' };
    const [ours, theirs] = [new Registry(), new Registry()];
    const counts = new BucketCounts(BOUNDS);
    const options = { name: 'a_seconds', help: 'A', labelNames: ['route'] };
    new CountedHistogram({
      ...options,
      bounds: BOUNDS,
      registry: ours,
      read: () => [[labels, counts]],
    });
    const counted = new Histogram({ ...options, buckets: BOUNDS, registers: [theirs] });
    for (const value of VALUES) {
      counts.observe(value);
      counted.observe(labels, value);
    }
    const lines = (text: string): string[] =>
      text
        .split('\n')
        .map((line) => line.replace('{route="/a",le=', '{le=').replace(',route="/a"', ''))
        .sort();
    expect(lines(await ours.metrics())).toEqual(lines(await theirs.metrics()));
  });
});
