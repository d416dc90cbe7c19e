import { originOf, type Machine } from '../bench/report.ts';
import type { SoakOutcome, SteadyMeasure } from './soak-report.ts';

/** The result of a soak, as its JSON file holds it. */
export interface RecordedSoak extends SoakOutcome {
  readonly date: string;
  readonly machine: Machine;
}

/** The result as a section of the documentation: a sentence, a table, and what was counted. */
export function soakMarkdown(soak: RecordedSoak): string {
  const { minutes, measures, violations, counts, cores, passed, date, machine } = soak;
  const found = Object.values(violations).reduce((sum, { length }) => sum + length, 0);
  const rows = measures.map((measure) => {
    const { what, unit, first, second, isSteady } = measure;
    const verdict = isSteady ? 'steady' : '**not steady**';
    const cells = [what, `${number(first)} ${unit}`, `${number(second)} ${unit}`];
    return `| ${[...cells, percent(measure.change), referenceOf(measure), verdict].join(' | ')} |`;
  });
  const numbers = Object.entries(counts).map(([name, count]) => `${name} ${number(count)}`);
  return [
    `${originOf(date, machine)} ${minutes} minutes, of which the process that kept running used ${cores.toFixed(2)} cores: ` +
      `${passed ? 'passed' : '**failed**'}, ${found === 0 ? 'nothing' : found} lost, doubled, false or stale.`,
    [
      '| | first half | second half | change | of the bare server | |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
    `Counted: ${numbers.join(', ')}.`,
  ].join('\n\n');
}

function referenceOf({ reference }: SteadyMeasure): string {
  return reference === undefined ? '' : percent(reference.second / reference.first - 1);
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

function percent(share: number): string {
  return `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)}%`;
}
