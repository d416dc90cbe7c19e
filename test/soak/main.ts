/**
 * Loads two processes on one folder for a long time, lets clients and one of the processes fail, and compares the second half with
 * the first: nothing that should stay may grow by more than a tenth, and nothing may be lost, false or stale.
 *
 * Run: `npm run soak -- --minutes 60 [--seed 1] [--grace 5] [--slack 0] [--json FILE]`. Exits with 1 if it fails.
 * `--slack` are milliseconds added to every bound, for machines that are busy with other work.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MachinesRun } from '../chaos/machines/machines-run.ts';
import { machineOf } from '../bench/report.ts';
import { startOnOneFolder } from './one-folder.ts';
import { SoakLoad } from './soak-load.ts';
import { gapOf, makeSoakPlan, type SoakOptions } from './soak-plan.ts';
import { outcomeOf, soakTable } from './soak-report.ts';

/** Interval between comparisons of every User at each process, in milliseconds. */
const READ_INTERVAL_MS = 1_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    grace: { type: 'string', default: '5' },
    slack: { type: 'string', default: '0' },
    json: { type: 'string' },
  },
});
const options: SoakOptions = {
  minutes: numberOf('minutes'),
  seed: numberOf('seed'),
  graceSeconds: numberOf('grace'),
  slackMs: numberOf('slack'),
};

const began = Date.now();
const log = (line: string): void => {
  process.stdout.write(`${((Date.now() - began) / 1_000).toFixed(0).padStart(6)} s  ${line}\n`);
};

const folder = await startOnOneFolder(options.seed, options.graceSeconds);
try {
  const load = await SoakLoad.prepare(folder, gapOf(options) * 1.5, log);
  const result = await MachinesRun.executeOn({
    options,
    machines: folder.machines,
    plan: makeSoakPlan(options),
    selfEnds: folder.selfEnds,
    readIntervalMs: READ_INTERVAL_MS,
    background: load,
    log,
  });
  const outcome = outcomeOf(options.minutes, result, load);
  process.stdout.write(soakTable(outcome));
  if (values.json !== undefined) {
    writeFileSync(
      values.json,
      `${JSON.stringify({ machine: machineOf(), ...outcome }, null, 2)}\n`,
    );
  }
  process.exitCode = outcome.passed ? 0 : 1;
} finally {
  await folder.machines.stop();
}

/** @throws RangeError if the option is no number */
function numberOf(name: 'minutes' | 'seed' | 'grace' | 'slack'): number {
  const value = Number(values[name]);
  if (Number.isNaN(value)) throw new RangeError(`--${name} must be a number`);
  return value;
}
