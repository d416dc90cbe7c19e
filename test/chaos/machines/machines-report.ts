import type { Violation } from '../checker.ts';
import { section, stalenessTable } from '../report.ts';
import type { MachinesResult } from './machines-result.ts';

/** All violations of a run, by kind. A correct run has none. */
export function violationsOf(result: MachinesResult): ReadonlyMap<string, readonly Violation[]> {
  return new Map([
    ['ghosts', result.ghosts],
    ['false offlines', result.falseOfflines],
    ['missed updates', result.missedUpdates],
    ['needless closes', result.needlessCloses],
    ['needless losses', result.needlessLosses],
    ['doubled webhooks', result.webhooks.doubled],
    ['missed webhooks', result.webhooks.missed],
    ['misordered webhooks', result.webhooks.misordered],
    ['lost writes', result.lostWrites],
    ['doubled writes', result.doubledWrites],
    ['stale reads', result.staleReads],
    ['failures', result.failures],
    ['wrong at the end', result.wrongEnd],
  ]);
}

/** The result of a run as text. */
export function machinesReport(result: MachinesResult): string {
  const { webhooks, counts, skipped, staleness, output } = result;
  const numbers = {
    ...counts,
    'webhook deliveries': webhooks.deliveries,
    'webhooks repeated after a lost answer': webhooks.repeatedAfterLoss,
  };
  const lines = [
    ...Object.entries(numbers).map(([name, count]) => `${name.padEnd(40)}${count}`),
    ...[...skipped].map(([kind, count]) => `${`skipped: ${kind}`.padEnd(40)}${count}`),
    '',
    ...[...violationsOf(result)].flatMap(([kind, violations]) => section(kind, violations)),
    ...stalenessTable(staleness),
    '',
    ...[...output].map(
      ([name, text]) => `${name.padEnd(12)}printed ${text.split('\n').length - 1} lines`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
