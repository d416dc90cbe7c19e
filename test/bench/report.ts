import { cpus, loadavg } from 'node:os';

/** Latencies and throughput of measured operations. */
export class Measurement {
  readonly #latencies: number[] = [];
  #elapsedMs = 0;

  /** Adds one operation that took `ms`. */
  record(ms: number): void {
    this.#latencies.push(ms);
  }

  /** Adds the wall-clock time in which operations were recorded. */
  addElapsed(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Number of operations. */
  get count(): number {
    return this.#latencies.length;
  }

  get perSecond(): number {
    return (this.#latencies.length / this.#elapsedMs) * 1_000;
  }

  /** Latency in milliseconds that a share `p` (0 to 1) of the operations did not exceed. */
  percentile(p: number): number {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
  }
}

/** The machine that figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** Processes that ran or waited for a core in the last 15 minutes: more than the cores, and others took part of them. */
  readonly load: number;
}

export function machineOf(): Machine {
  const processors = cpus();
  const [{ model } = { model: 'unknown' }] = processors;
  const [, , load = Number.NaN] = loadavg();
  return { cpu: model, cores: processors.length, node: process.version, load: Math.round(load) };
}

/** Where figures come from, in a sentence or two. */
export function originOf(date: string, { cpu, cores, node, load }: Machine): string {
  const others = load > cores ? ` Other work had a part of them: load average ${load}.` : '';
  return `Measured on ${date} on ${cores} cores (${cpu}), Node ${node.slice(1)}.${others}`;
}

/** Prints the processor, the Node version and the seed, on which figures depend. */
export function printMachine(seed: number): void {
  const { cpu, cores, node } = machineOf();
  console.log(`cpu   ${cpu}, ${cores} cores`);
  console.log(`node  ${node}`);
  console.log(`seed  ${seed}`);
}

/** Prints one line of results, with the rate as a multiple of `baseline` if there is one. */
export function printMeasurement(name: string, result: Measurement, baseline?: Measurement): void {
  const columns = [
    name.padEnd(28),
    `${Math.round(result.perSecond)} events/s`.padStart(16),
    `p50 ${result.percentile(0.5).toFixed(3)} ms`.padStart(14),
    `p99 ${result.percentile(0.99).toFixed(3)} ms`.padStart(14),
  ];
  if (baseline !== undefined) {
    columns.push(`${(result.perSecond / baseline.perSecond).toFixed(2)} x bare`.padStart(14));
  }
  console.log(columns.join(''));
}

/** Repeatable random numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
