import {
  check,
  type CheckResult,
  type Evidence,
  type TimelineInterval,
  type Violation,
} from '../checker.ts';
import type { Crowd } from '../crowd.ts';
import type { Bounds } from '../oracle.ts';
import { doubledWrites } from './end-check.ts';
import { needlessLosses, unexplainedFailures, type SelfEnd } from './failures.ts';
import type { Gateway } from './gateway.ts';
import { gatewayUser } from './gateway-oracle.ts';
import type { LogReplay } from './log-replay.ts';
import { answersLost, sharedFaults, type MachineFaults } from './machine-faults.ts';
import type { Machines } from './machines.ts';
import type { Reads } from './reads.ts';
import { checkWebhooks, type WebhookCheck } from './webhook-checker.ts';
import type { Writer } from './writer.ts';

export interface MachinesResult extends CheckResult {
  readonly evidence: Evidence;
  readonly faults: MachineFaults;
  readonly webhooks: WebhookCheck;
  readonly lostWrites: readonly Violation[];
  readonly doubledWrites: readonly Violation[];
  readonly staleReads: readonly Violation[];
  /** Reads without an answer although nothing failed, and processes that ended by themselves. */
  readonly failures: readonly Violation[];
  /** Differences between the log and what is shown at the end. */
  readonly wrongEnd: readonly Violation[];
  /** Nodes that were declared lost although no api process failed. */
  readonly needlessLosses: readonly Violation[];
  readonly counts: Readonly<Record<string, number>>;
  /** Steps that were left out, by kind. */
  readonly skipped: ReadonlyMap<string, number>;
  /** The log, as the CLI prints it. */
  readonly log: readonly unknown[];
  /** What each process printed. */
  readonly output: ReadonlyMap<string, string>;
}

/** What a run did and recorded, and what was found at its end. */
export interface RunRecord extends Pick<MachinesResult, 'lostWrites' | 'wrongEnd' | 'skipped'> {
  readonly machines: Machines;
  readonly crowd: Crowd;
  readonly gateways: readonly Gateway[];
  readonly writers: readonly Writer[];
  readonly reads: Reads;
  readonly selfEnds: readonly SelfEnd[];
  readonly bounds: Bounds;
  readonly slackMs: number;
  readonly replay: LogReplay;
  readonly timeline: readonly TimelineInterval[];
  /** When the run ended. */
  readonly until: number;
}

/** Compares everything that was shown in a run with what really happened. */
export function machinesResult(record: RunRecord): MachinesResult {
  const { machines, reads, writers, gateways, replay, slackMs, skipped } = record;
  const faults: MachineFaults = {
    stores: machines.stores.outages,
    apis: machines.apis.map(({ outages }) => outages),
    workers: machines.workers.map(({ outages }) => outages),
  };
  const { requests } = machines.receiver;
  const evidence = evidenceOf(record, faults);
  return {
    ...check(evidence, record.bounds),
    evidence,
    faults,
    webhooks: checkWebhooks(requests, replay.changes, answersLost(faults)),
    lostWrites: record.lostWrites,
    doubledWrites: doubledWrites(replay, gateways),
    staleReads: [...reads.staleReads, ...writers.flatMap(({ violations }) => violations)],
    failures: unexplainedFailures(reads.failed, record.selfEnds, faults, slackMs),
    wrongEnd: record.wrongEnd,
    needlessLosses: needlessLosses(replay, faults),
    counts: countsOf(record),
    skipped,
    log: replay.events,
    output: new Map(
      [...machines.processes.values()].map(({ name, output, program }) => [
        name,
        `${output}${program?.output.stderr ?? ''}${program?.output.stdout ?? ''}`,
      ]),
    ),
  };
}

function evidenceOf(
  { crowd, reads, gateways, bounds, slackMs, timeline, until }: RunRecord,
  faults: MachineFaults,
): Evidence {
  const { attempts, observations, violations, observers } = crowd;
  const shared = sharedFaults(faults, slackMs);
  const requestFaults = { outages: faults.apis, shared };
  observations.readings.push(...reads.readings);
  return {
    attempts,
    outages: faults.apis,
    observations,
    timeline,
    protocolViolations: violations,
    until,
    observers,
    shared,
    others: new Map(
      gateways.map(({ identity, sessions }) => [
        identity,
        gatewayUser(sessions, bounds, requestFaults),
      ]),
    ),
  };
}

function countsOf({
  crowd,
  gateways,
  writers,
  reads,
  replay,
  selfEnds,
}: RunRecord): Record<string, number> {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const { shown, behind } = reads.withVersion;
  return {
    connections: crowd.attempts.filter(({ readyAt }) => readyAt !== null).length,
    'gateway sessions': gateways.flatMap(({ sessions }) => sessions).length,
    reads: reads.readings.length,
    'reads with a version': shown,
    'reads that were behind': behind + sum(writers.map((writer) => writer.reads.behind)),
    'failed reads': reads.failed.length,
    writes: writers.flatMap(({ acknowledged }) => acknowledged).length,
    'reads of writes elsewhere': sum(writers.map((writer) => writer.reads.shown)),
    'changes in the log': replay.changes.length,
    'nodes declared lost': replay.losses.length,
    'unexpected ends': selfEnds.length,
  };
}
