/**
 * Runs several api processes on one event store, injects faults, and compares everything that was shown with what
 * really happened. Exits with 1 if it finds a ghost, a false offline, a missed update or a needless close.
 *
 * Run: `npm run chaos -- --minutes 5 [--seed 1] [--nodes 3] [--clients 60] [--storm 300] [--grace 5] [--slack 0] [--eventstoredb]`.
 * `--evidence FILE` writes what clients and processes did and what was shown, as JSON.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ChaosRun } from './chaos-run.ts';
import type { ChaosOptions } from './plan.ts';
import { report } from './report.ts';
import { countViolations } from './checker.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    nodes: { type: 'string', default: '3' },
    clients: { type: 'string', default: '60' },
    storm: { type: 'string', default: '300' },
    grace: { type: 'string', default: '5' },
    slack: { type: 'string', default: '0' },
    eventstoredb: { type: 'boolean', default: false },
    evidence: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});

const options: ChaosOptions = {
  minutes: Number(values.minutes),
  seed: Number(values.seed),
  nodes: Number(values.nodes),
  clients: Number(values.clients),
  storm: Number(values.storm),
  graceSeconds: Number(values.grace),
  slackMs: Number(values.slack),
  eventStoreDb: values.eventstoredb,
};
const began = Date.now();
const log = (line: string): void => {
  if (values.quiet) return;
  process.stdout.write(`${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);
};

for (const [name, value] of Object.entries(options)) {
  if (Number.isNaN(value)) throw new RangeError(`--${name} must be a number`);
}
process.stdout.write(`seed  ${options.seed}\n`);
const result = await ChaosRun.execute(options, log);
process.stdout.write(report(result));
if (values.evidence !== undefined) {
  const { attempts, outages, timeline, observations, until } = result.evidence;
  const views = observations.views(until);
  writeFileSync(values.evidence, JSON.stringify({ attempts, outages, timeline, views }));
}
process.exitCode = countViolations(result) === 0 ? 0 : 1;
