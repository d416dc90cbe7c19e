import { Histogram, type Registry } from 'prom-client';

/** Counts of one set of labels. */
export class BucketCounts {
  /** Observations in each bucket alone; the last is of those above all bounds. */
  readonly counts: number[];
  sum = 0;
  readonly #bounds: readonly number[];

  /** @param bounds upper ends of the buckets, ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let index = 0;
    for (const bound of this.#bounds) {
      if (value <= bound) break;
      index += 1;
    }
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sum += value;
  }
}

interface CountedHistogramOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  readonly bounds: readonly number[];
  readonly registry: Registry;
  /** Returns the counts of each set of labels. */
  readonly read: () => Iterable<readonly [labels: Record<Label, string>, counts: BucketCounts]>;
}

/** A histogram whose counts are kept elsewhere: prom-client's own counting looks labels up with each observation. */
export class CountedHistogram<Label extends string> extends Histogram<Label> {
  readonly #options: CountedHistogramOptions<Label>;

  constructor(options: CountedHistogramOptions<Label>) {
    const { name, help, labelNames, bounds, registry } = options;
    super({ name, help, labelNames: [...labelNames], buckets: [...bounds], registers: [registry] });
    this.#options = options;
  }

  /** The registry and `get` ask this method of prom-client's histograms, which its types leave out. */
  async getForPromString() {
    const { name, help, bounds, read } = this.#options;
    const values = [...read()].flatMap(([labels, { counts, sum }]) => {
      let total = 0;
      const buckets = counts.map((count, index) => {
        total += count;
        const le = bounds[index] ?? '+Inf';
        return { metricName: `${name}_bucket`, value: total, labels: { ...labels, le } };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, value: sum, labels },
        { metricName: `${name}_count`, value: total, labels },
      ];
    });
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}
