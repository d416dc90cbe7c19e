import { violationsOf } from '../chaos/machines/machines-report.ts';
import type { MachinesResult } from '../chaos/machines/machines-result.ts';
import {
  change,
  growthPer,
  isSteady,
  medians,
  p99s,
  type Halves,
  type Reading,
  type Span,
} from './halves.ts';
import { RATES, type RequestKind } from './http-load-protocol.ts';
import type { SoakLoad } from './soak-load.ts';

/** Share of the run in which caches fill and the compilers work, and its longest time. */
const WARM_UP_SHARE = 0.1;
const LONGEST_WARM_UP_MS = 5 * 60_000;

/** One measure in both halves of a run. */
export interface SteadyMeasure extends Halves {
  readonly what: string;
  readonly unit: string;
  /** Growth of the second half: 0.1 is a tenth more. */
  readonly change: number;
  /** The same measure of a bare server under the same conditions, where there is one. */
  readonly reference?: Halves;
  readonly isSteady: boolean;
}

/** The outcome of a soak. */
export interface SoakOutcome {
  readonly minutes: number;
  readonly measures: readonly SteadyMeasure[];
  /** Violations by kind; all must be empty. */
  readonly violations: Readonly<Record<string, readonly string[]>>;
  readonly counts: Readonly<Record<string, number>>;
  /** Processor time of the process that keeps running, in cores. */
  readonly cores: number;
  readonly passed: boolean;
}

const NAMES: Readonly<Record<Exclude<RequestKind, 'reference'>, string>> = {
  get: 'GET of a User, p99',
  list: 'list of 50 Users, p99',
  audit: 'history, explanation, as-of, p99',
  write: 'change of a User, p99',
  change: 'Connection opened or closed by HTTP, p99',
};

/** Compares the halves of a run, and counts what went wrong. */
export function outcomeOf(minutes: number, result: MachinesResult, load: SoakLoad): SoakOutcome {
  const { sampler, startedAt, endedAt } = load;
  const length = endedAt - startedAt;
  const span: Span = {
    from: startedAt + Math.min(WARM_UP_SHARE * length, LONGEST_WARM_UP_MS),
    to: endedAt,
  };
  const reference = p99s(load.latencies('reference'), span);
  const loopReference = medians(sampler.referenceLoopDelay, span);
  const seconds = sampler.processor.map(({ at }) => ({ at, value: at / 1_000 }));
  const perEvent = (bytes: readonly Reading[]) => growthPer(bytes, sampler.events, span);
  const cores = growthPer(sampler.processor, seconds, span);
  const measures = [
    measure('memory', 'MB', scale(medians(sampler.memory, span), 2 ** -20)),
    measure('open files and sockets', '', medians(sampler.openFiles, span)),
    measure('processor time', '% of a core', scale(cores, 100)),
    measure('event loop delay, p99', 'ms', medians(sampler.loopDelay, span), loopReference),
    ...Object.entries(NAMES).map(([kind, name]) =>
      measure(name, 'ms', p99s(load.latencies(kind as RequestKind), span), reference),
    ),
    measure('change by HTTP to 300 watchers, p99', 'ms', p99s(load.deliveries, span), reference),
    measure('log on disk, per event', 'bytes', perEvent(sampler.bytes.log)),
    measure('read model on disk, per event', 'bytes', perEvent(sampler.bytes['read model'])),
    measure('operational state on disk, per event', 'bytes', perEvent(sampler.bytes.state)),
  ];
  const violations = violationsIn(result, load);
  return {
    minutes,
    measures,
    violations,
    counts: { ...countsOf(result, load), ...loadOf(medians(sampler.load, span)) },
    cores: (cores.first + cores.second) / 2,
    passed:
      measures.every((each) => each.isSteady) &&
      Object.values(violations).every((list) => list.length === 0),
  };
}

/** The outcome as one table. */
export function soakTable(outcome: SoakOutcome): string {
  const { minutes, measures, violations, counts, cores, passed } = outcome;
  const shown = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0)).padStart(10);
  const lines = [
    `${minutes} minutes, ${cores.toFixed(2)} cores: ${passed ? 'passed' : 'FAILED'}`,
    ...Object.entries(counts).map(
      ([name, count]) => `${name.padEnd(44)}${String(count).padStart(10)}`,
    ),
    '',
    `${''.padEnd(44)}      unit        1st half  2nd half    change   of a bare server`,
    ...measures.map((each) => {
      const { reference } = each;
      const besides = reference === undefined ? '' : percent(change(reference)).padStart(10);
      const verdict = each.isSteady ? '' : '  NOT STEADY';
      const halves = `${shown(each.first)}${shown(each.second)}`;
      return `${each.what.padEnd(44)}${each.unit.padStart(12)}  ${halves}${percent(each.change).padStart(10)}${besides}${verdict}`;
    }),
    '',
    ...Object.entries(violations).flatMap(([kind, list]) => [
      `${kind.padEnd(44)}${String(list.length).padStart(10)}`,
      ...list.slice(0, 10).map((what) => `  ${what}`),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function measure(what: string, unit: string, halves: Halves, reference?: Halves): SteadyMeasure {
  return {
    what,
    unit,
    ...halves,
    change: change(halves),
    ...(reference === undefined ? {} : { reference }),
    isSteady: isSteady(halves, reference),
  };
}

function violationsIn(
  result: MachinesResult,
  { failures }: SoakLoad,
): Record<string, readonly string[]> {
  const found = [...violationsOf(result)].map(([kind, list]): [string, string[]] => [
    kind,
    list.map(({ user, where, what }) => `${user} at ${where}: ${what}`),
  ]);
  return { ...Object.fromEntries(found), 'failed requests': failures };
}

function countsOf(result: MachinesResult, load: SoakLoad): Record<string, number> {
  const kinds = Object.keys(RATES) as RequestKind[];
  return {
    events: load.sampler.events.at(-1)?.value ?? 0,
    ...result.counts,
    'webhook deliveries': result.webhooks.deliveries,
    requests: kinds.reduce((sum, kind) => sum + load.latencies(kind).length, 0),
    'deliveries to the quiet watchers': load.deliveries.length,
  };
}

/** Load average of the machine in each half, which latencies depend on. */
function loadOf({ first, second }: Halves): Record<string, number> {
  return {
    'load of the machine, first half': Number(first.toFixed(1)),
    'load of the machine, second half': Number(second.toFixed(1)),
  };
}

const scale = ({ first, second }: Halves, by: number): Halves => ({
  first: first * by,
  second: second * by,
});

const percent = (share: number): string => `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)}%`;
