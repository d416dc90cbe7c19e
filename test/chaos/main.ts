/**
 * Runs several api processes on one event store, injects faults, and compares everything that was shown with what
 * really happened. Exits with 1 if it finds a ghost, a false offline, a missed update or a needless close.
 *
 * Run: `npm run chaos -- --minutes 5 [--seed 1] [--nodes 3] [--clients 60] [--storm 300] [--grace 5] [--slack 0] [--eventstoredb]`.
 * `--evidence FILE` writes what clients and processes did and what was shown, as JSON.
 *
 * `--machines` runs two api and two worker processes as on machines of their own, on a PostgreSQL and an EventStoreDB that
 * it starts, and also cuts links and crashes these stores: `npm run chaos -- --machines --minutes 5 [--seed 1]
 * [--clients 30] [--storm 60] [--grace 5] [--slack 0] [--gap 8] [--longest 30] [--harsh] [--embedded]`. `--gap` is the
 * longest time between two faults, `--longest` the longest fault, in seconds; with `--harsh` all workers and stores may
 * fail at once; `--embedded` keeps the log in a folder that all processes share, and leaves out the faults of EventStoreDB.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ChaosRun } from './chaos-run.ts';
import { countViolations, type Evidence } from './checker.ts';
import { machinesReport, violationsOf } from './machines/machines-report.ts';
import { MachinesRun } from './machines/machines-run.ts';
import { report } from './report.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    nodes: { type: 'string', default: '3' },
    clients: { type: 'string' },
    storm: { type: 'string' },
    grace: { type: 'string', default: '5' },
    slack: { type: 'string', default: '0' },
    eventstoredb: { type: 'boolean', default: false },
    machines: { type: 'boolean', default: false },
    gap: { type: 'string', default: '8' },
    longest: { type: 'string', default: '30' },
    harsh: { type: 'boolean', default: false },
    embedded: { type: 'boolean', default: false },
    evidence: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});

const began = Date.now();
const log = (line: string): void => {
  if (values.quiet) return;
  process.stdout.write(`${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);
};

const common = {
  minutes: numberOf('minutes'),
  seed: numberOf('seed'),
  graceSeconds: numberOf('grace'),
  slackMs: numberOf('slack'),
};
process.stdout.write(`seed  ${common.seed}\n`);
process.exitCode = (await (values.machines ? runMachines() : runNodes())) === 0 ? 0 : 1;

/** Returns the number of violations. */
async function runNodes(): Promise<number> {
  const result = await ChaosRun.execute(
    {
      ...common,
      nodes: numberOf('nodes'),
      clients: numberOf('clients', 60),
      storm: numberOf('storm', 300),
      eventStoreDb: values.eventstoredb,
    },
    log,
  );
  process.stdout.write(report(result));
  writeEvidence(result.evidence);
  return countViolations(result);
}

/** Returns the number of violations. */
async function runMachines(): Promise<number> {
  const result = await MachinesRun.execute(
    {
      ...common,
      clients: numberOf('clients', 30),
      storm: numberOf('storm', 60),
      gapSeconds: numberOf('gap'),
      longestSeconds: numberOf('longest'),
      harsh: values.harsh,
      eventStoreDb: !values.embedded,
    },
    log,
  );
  process.stdout.write(machinesReport(result));
  const { faults, output, log: events } = result;
  writeEvidence(result.evidence, { faults, events, output: Object.fromEntries(output) });
  return [...violationsOf(result).values()].flat().length;
}

function writeEvidence(evidence: Evidence, others: object = {}): void {
  if (values.evidence === undefined) return;
  const { attempts, outages, timeline, observations, until } = evidence;
  const views = observations.views(until);
  const all = { attempts, outages, timeline, views, ...others };
  writeFileSync(values.evidence, JSON.stringify(all));
}

/** @throws RangeError if the option is no number */
function numberOf(
  name: 'minutes' | 'seed' | 'nodes' | 'clients' | 'storm' | 'grace' | 'slack' | 'gap' | 'longest',
  byDefault = 0,
): number {
  const value = Number(values[name] ?? byDefault);
  if (Number.isNaN(value)) throw new RangeError(`--${name} must be a number`);
  return value;
}
