/**
 * Loads two processes on one folder for a long time, lets clients and one of the processes fail, and compares the second half with
 * the first: nothing that should stay may grow by more than a tenth, and nothing may be lost, false or stale.
 *
 * Run: `npm run soak -- --minutes 60 [--seed 1] [--grace 5] [--slack 0] [--json FILE] [--write]`. Exits with 1 if it fails.
 * `--slack` are milliseconds added to every bound, for machines that are busy with other work. `--write` writes the result to
 * docs/performance.md; `--from FILE --write` does so with the JSON of an earlier run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MachinesRun } from '../chaos/machines/machines-run.ts';
import { replaceMarked } from '../bench/marked-text.ts';
import { machineOf } from '../bench/report.ts';
import { startOnOneFolder } from './one-folder.ts';
import { SoakLoad } from './soak-load.ts';
import { gapOf, makeSoakPlan, type SoakOptions } from './soak-plan.ts';
import { soakMarkdown, type RecordedSoak } from './soak-markdown.ts';
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
    from: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const soak =
  values.from === undefined
    ? await runSoak()
    : (JSON.parse(readFileSync(values.from, 'utf8')) as RecordedSoak);
process.stdout.write(soakTable(soak));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(soak, null, 2)}\n`);
if (values.write) replaceMarked('docs/performance.md', 'soak', soakMarkdown(soak));
process.exitCode = soak.passed ? 0 : 1;

async function runSoak(): Promise<RecordedSoak> {
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
    const date = new Date().toISOString().slice(0, 10);
    return { date, machine: machineOf(), ...outcomeOf(options.minutes, result, load) };
  } finally {
    await folder.machines.stop();
  }
}

/** @throws RangeError if the option is no number */
function numberOf(name: 'minutes' | 'seed' | 'grace' | 'slack'): number {
  const value = Number(values[name]);
  if (Number.isNaN(value)) throw new RangeError(`--${name} must be a number`);
  return value;
}
