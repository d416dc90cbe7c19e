import { percentile } from '../realtime/figures.ts';

/** One repetition of a measurement. */
export interface Sample {
  /** In the unit of the row. */
  readonly value: number;
  /** Processor time of the measured processes for one operation, in microseconds. */
  readonly cpuUs?: number;
}

/** All repetitions of one contender, in the order of the turns. */
export interface Series {
  readonly contender: string;
  readonly samples: readonly Sample[];
}

/** One measurement of the comparison. The first series is the service's. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly series: readonly Series[];
  /** What was left out, and why. */
  readonly missing: readonly string[];
}

/** Median, least and greatest of some repetitions. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export const OURS = 'Reachability';

export function spreadOf(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** How many times as good the service is as a contender, repetition by repetition, by the value of the row. */
export function timesAsGood({ better, series }: Row, contender: Series): Spread {
  const ours = series[0]?.samples ?? [];
  return spreadOf(
    contender.samples.map(({ value }, turn) => {
      const own = ours[turn]?.value ?? Number.NaN;
      return better === 'more' ? own / value : value / own;
    }),
  );
}

/** The same by processor time; null where it is not measured. */
export function timesAsGoodByCpu({ series }: Row, contender: Series): Spread | null {
  const ours = series[0]?.samples ?? [];
  const ratios = contender.samples.flatMap(({ cpuUs }, turn) => {
    const own = ours[turn]?.cpuUs;
    return cpuUs === undefined || own === undefined ? [] : [cpuUs / own];
  });
  return ratios.length === 0 ? null : spreadOf(ratios);
}

/** Contenders that take turns, the service first. */
export interface Contender {
  readonly name: string;
  /** Measures one repetition. */
  readonly measure: () => Promise<Sample>;
}

/** Lets contenders take turns, so that other load of the machine affects all of them. The first turn of each is not counted. */
export async function takeTurns(
  contenders: readonly Contender[],
  rounds: number,
  warmUp = true,
): Promise<Series[]> {
  if (warmUp) for (const { measure } of contenders) await measure();
  const samples = contenders.map((): Sample[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { measure }] of contenders.entries()) samples[index]?.push(await measure());
  }
  return contenders.map(({ name }, index) => ({ contender: name, samples: samples[index] ?? [] }));
}
