import type { ChaosResult } from './chaos-run.ts';
import type { Finding } from './verdict.ts';

/** Most findings of a kind that are printed. */
const SHOWN = 10;

/** What a run found, for people. */
export function report(result: ChaosResult): string {
  const { connections, readings, views, tooBusyToPause, stderr } = result;
  const lines = [
    `${connections} connections, ${readings} reads of every User, ${views} changes at watchers`,
    ...(tooBusyToPause === 0 ? [] : [`${tooBusyToPause} pauses left out: a lock was held`]),
    ...found('ghosts', result.ghosts),
    ...found('false offlines', result.falseOfflines),
    ...found('missed updates', result.missedUpdates),
    ...found('needless closes', result.needlessCloses),
    '',
    'staleness at watchers, ms   count      p50      p90      p99      max',
    ...[...result.staleness]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([cause, list]) => histogramLine(cause, list)),
    ...(stderr === '' ? [] : ['', 'printed by processes:', stderr.slice(0, 4_000)]),
  ];
  return `${lines.join('\n')}\n`;
}

function found(what: string, findings: readonly Finding[]): string[] {
  const more = findings.length - SHOWN;
  return [
    `${what.padEnd(16)}${findings.length}`,
    ...findings
      .slice(0, SHOWN)
      .map((finding) => `  ${finding.user} at ${finding.where}: ${finding.what}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function histogramLine(cause: string, list: readonly number[]): string {
  const sorted = list.toSorted((a, b) => a - b);
  const at = (p: number) => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
  const columns = [sorted.length, at(0.5), at(0.9), at(0.99), at(1)];
  return cause.padEnd(24) + columns.map((value) => String(Math.round(value)).padStart(9)).join('');
}
