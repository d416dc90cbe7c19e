import { execFileSync } from 'node:child_process';
import { originOf, type Machine } from '../report.ts';
import { PEERS_PACKAGE, versionOf } from './install.ts';
import { programPath } from './processes.ts';
import {
  OURS,
  spreadOf,
  timesAsGood,
  timesAsGoodByCpu,
  type Row,
  type Series,
  type Spread,
} from './results.ts';

/** Everything that a run measured, as its JSON file holds it. */
export interface Comparison {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** Versions of all that is compared. */
export function peerVersions(): Record<string, string> {
  const libraries = ['socket.io', 'ws', 'fastify', '@nestjs/core', 'pg', 'redis'];
  const emmett = ['@event-driven-io/emmett-sqlite', 'sqlite3'];
  return {
    ...Object.fromEntries([...libraries, ...emmett].map((name) => [name, versionOf(name)])),
    'Redis server': firstNumber('redis-server', '--version'),
    mosquitto: firstNumber('mosquitto', '-h'),
    PostgreSQL: firstNumber('psql', '--version'),
  };
}

/** The comparison as a table in Markdown. */
export function markdownTable({ rows }: Comparison): string {
  const head = [
    '| measurement | | median (lowest to highest) | processor time of one operation | Reachability compared with it | by processor time |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  const lines = rows.flatMap((row) =>
    row.series.map((series, index) => {
      const isOurs = index === 0;
      const cpu = cpuOf(series);
      const byCpu = isOurs || cpu === null ? null : timesAsGoodByCpu(row, series);
      return `| ${[
        isOurs ? row.title : '',
        series.contender,
        `${spreadText(spreadOf(valuesOf(series)))} ${row.unit}`,
        cpu === null ? '' : `${number(cpu)} us`,
        isOurs ? '' : ratioText(timesAsGood(row, series)),
        byCpu === null ? '' : ratioText(byCpu),
      ].join(' | ')} |`;
    }),
  );
  return [...head, ...lines].join('\n');
}

/** Where the figures come from, in one sentence. */
export function origin({ date, machine, versions, rows }: Comparison): string {
  const repetitions = [...new Set(rows.map(({ series }) => series[0]?.samples.length ?? 0))];
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const missing = [...new Set(rows.flatMap((row) => row.missing))];
  return (
    `${originOf(date, machine)} ${Math.min(...repetitions)} to ${Math.max(...repetitions)} repetitions in turns. ` +
    `Versions: ${list.join(', ')}.` +
    (missing.length === 0 ? '' : ` Left out: ${missing.join(', ')}.`)
  );
}

/** The rows of the README: each figure, and how many times as good it is as each baseline. */
export function summaryTable({ rows }: Comparison): string {
  const lines = rows
    .filter(({ id }) => SUMMARY.has(id))
    .map((row) => {
      const [ours, ...others] = row.series;
      const result = ours === undefined ? NaN : spreadOf(valuesOf(ours)).median;
      const compared = others.map(
        (series) => `${series.contender} ${timesAsGood(row, series).median.toFixed(2)}`,
      );
      return `| ${row.title} | ${number(result)} ${row.unit} | ${compared.join('; ')} |`;
    });
  return [
    '| measurement | Reachability | times as good as |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** What the chart draws: for each contender, how many times as good it is as the service. */
export function chartPoints({ rows }: Comparison): readonly object[] {
  return rows.flatMap((row) =>
    row.series
      .filter(({ contender }) => contender !== OURS)
      .map((series) => {
        const { median, min, max } = timesAsGood(row, series);
        return {
          row: row.title.replaceAll('`', ''),
          contender: series.contender,
          median: 1 / median,
          min: 1 / max,
          max: 1 / min,
        };
      }),
  );
}

const SUMMARY = new Set(['get', 'connect', 'last-watcher', 'append', 'rebuild-timeline']);

const valuesOf = ({ samples }: Series): number[] => samples.map(({ value }) => value);

/** Null where it was not measured, or is less than can be measured. */
function cpuOf({ samples }: Series): number | null {
  const measured = samples.flatMap(({ cpuUs }) => (cpuUs === undefined ? [] : [cpuUs]));
  const { median } = spreadOf(measured);
  return median > 0 ? median : null;
}

function spreadText({ median, min, max }: Spread): string {
  return `${number(median)} (${number(min)} to ${number(max)})`;
}

function ratioText({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}

/** Three digits are all that a measurement is good for. */
function number(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 2 });
}

function firstNumber(program: string, flag: string): string {
  const path = programPath(program);
  if (path === null) return 'not installed';
  const { stdout } = runAnyway(path, flag);
  return /\d+\.\d+(?:\.\d+)?/.exec(stdout)?.[0] ?? 'unknown';
}

/** Some programs print their version and exit with an error. */
function runAnyway(path: string, flag: string): { readonly stdout: string } {
  try {
    return { stdout: execFileSync(path, [flag], { encoding: 'utf8', cwd: PEERS_PACKAGE }) };
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return { stdout: String(error.stdout) };
    throw error;
  }
}
