import type { ChaosResult } from './chaos-run.ts';
import type { Violation } from './checker.ts';

/** Most violations of a kind that are printed. */
const MAX_PRINTED = 10;

/** The result of a run as text. */
export function report(result: ChaosResult): string {
  const { connections, readings, views, fed, feedReconnects, skippedPauses, stderr } = result;
  const lines = [
    `${connections} connections, ${readings} reads of every User, ${views} changes at watchers`,
    `${fed} events of the change feed, over ${feedReconnects} connections after the first`,
    ...(skippedPauses === 0 ? [] : [`${skippedPauses} pauses skipped: the process held a lock`]),
    ...section('ghosts', result.ghosts),
    ...section('false offlines', result.falseOfflines),
    ...section('missed updates', result.missedUpdates),
    ...section('needless closes', result.needlessCloses),
    ...stalenessTable(result.staleness),
    ...(stderr === '' ? [] : ['', 'output of the processes:', stderr.slice(0, 4_000)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Lines with the number of violations of a kind, and the first of them. */
export function section(title: string, violations: readonly Violation[]): string[] {
  const more = violations.length - MAX_PRINTED;
  return [
    `${title.padEnd(20)}${violations.length}`,
    ...violations
      .slice(0, MAX_PRINTED)
      .map((violation) => `  ${violation.user} at ${violation.where}: ${violation.what}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** Lines with the distribution of times, for each cause. */
export function stalenessTable(staleness: ReadonlyMap<string, readonly number[]>): string[] {
  return [
    '',
    'staleness at watchers, ms   count      p50      p90      p99      max',
    ...[...staleness]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([cause, list]) => histogramLine(cause, list)),
  ];
}

function histogramLine(cause: string, list: readonly number[]): string {
  const sorted = list.toSorted((a, b) => a - b);
  const at = (p: number) => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
  const columns = [sorted.length, at(0.5), at(0.9), at(0.99), at(1)];
  return cause.padEnd(24) + columns.map((value) => String(Math.round(value)).padStart(9)).join('');
}
