import type { Violation } from '../checker.ts';
import { intersect, type Interval } from '../intervals.ts';
import type { LogReplay } from './log-replay.ts';
import { sharedFaults, type MachineFaults } from './machine-faults.ts';
import type { FailedRead } from './reads.ts';

/** Longest time until a process answers again after a fault of its own, in milliseconds. */
const RECOVERY_MS = 2_000;
/** Longest time from a fault to the loss that it causes, recorded by a process that was hindered itself. */
const LOSS_DELAY_MS = 60_000;

/** A process that ended, or could not start, by itself. */
export interface SelfEnd {
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/** Reads without an answer and ends of processes that no fault explains. */
export function unexplainedFailures(
  failedReads: readonly FailedRead[],
  selfEnds: readonly SelfEnd[],
  faults: MachineFaults,
  slackMs: number,
): Violation[] {
  const { readsBehind } = sharedFaults(faults, slackMs);
  const reads = failedReads.flatMap(({ node, what, ...rest }) => {
    const interval = lasting(rest);
    const recovering = (faults.apis[node] ?? []).map(({ from, to }) => ({
      from,
      to: to + RECOVERY_MS + slackMs,
    }));
    if (intersect([interval], [...readsBehind, ...recovering]).length > 0) return [];
    return [{ user: '', where: `node ${node}`, what: `${what} at ${time(interval.from)}` }];
  });
  const cuts = [...faults.apis, ...faults.workers].flat().filter(({ kind }) => kind === 'cut');
  const ends = selfEnds.flatMap(({ what, ...rest }) => {
    const interval = lasting(rest);
    if (intersect([interval], [...readsBehind, ...cuts]).length > 0) return [];
    return [{ user: '', where: 'process', what: `${what} at ${time(interval.from)}` }];
  });
  return [...reads, ...ends];
}

/** Nodes that were declared lost although no api process failed. */
export function needlessLosses({ losses }: LogReplay, { apis }: MachineFaults): Violation[] {
  const outages = apis.flat();
  return losses.flatMap(({ nodeId, at }) => {
    if (outages.some(({ from, to }) => from <= at && at <= to + LOSS_DELAY_MS)) return [];
    return [{ user: '', where: nodeId, what: `declared lost at ${time(at)}` }];
  });
}

/** A refused connection fails in the millisecond in which it began; an interval without a length meets no other. */
function lasting({ from, to }: Interval): Interval {
  return { from, to: Math.max(to, from + 1) };
}

function time(moment: number): string {
  return new Date(moment).toISOString().slice(11, 23);
}
