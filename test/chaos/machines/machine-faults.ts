import { intersect, merge, type Interval } from '../intervals.ts';
import type { Outage } from '../oracle.ts';
import type { SharedFaults } from '../shared-faults.ts';
import type { StoreName } from './machines-plan.ts';

/** Longest time until a worker takes over from another, in milliseconds. */
const TAKE_OVER_MS = 10_000;
/** Longest time until processes work again with a store that is back, in milliseconds. */
const RECOVERY_MS = 5_000;

/** Everything that failed in a run. */
export interface MachineFaults {
  readonly stores: Readonly<Record<StoreName, readonly Interval[]>>;
  /** Of each api process, by node number. */
  readonly apis: readonly (readonly Outage[])[];
  readonly workers: readonly (readonly Outage[])[];
}

/** What all processes suffered from. @param slackMs added to every time to recover */
export function sharedFaults(faults: MachineFaults, slackMs: number): SharedFaults {
  const recover = RECOVERY_MS + slackMs;
  const logAway = extend(faults.stores.eventstore, recover);
  const databaseAway = extend(faults.stores.postgres, recover);
  const readsBehind = [...logAway, ...databaseAway, ...extend(withoutWorker(faults), recover)];
  const lossesUnseen = [...readsBehind, ...extend(common(faults.apis), recover)];
  return { logAway, lossesUnseen: merge(lossesUnseen), readsBehind: merge(readsBehind) };
}

/** When the answer to a webhook may be lost: in a fault of a worker or of the database. */
export function answersLost({ workers, stores }: MachineFaults): Interval[] {
  return merge([...workers.flat(), ...stores.postgres]);
}

/** When no worker can be expected to work: all fail, or the time to take over from one has not passed. */
function withoutWorker({ workers }: MachineFaults): Interval[] {
  const takeOvers = workers
    .flat()
    .map(({ from, to }) => ({ from, to: Math.min(to, from + TAKE_OVER_MS) }));
  return [...takeOvers, ...extend(common(workers), TAKE_OVER_MS)];
}

/** When all processes of a role failed. */
function common([first = [], ...others]: readonly (readonly Outage[])[]): Interval[] {
  return others.reduce<Interval[]>(intersect, merge(first));
}

function extend(intervals: readonly Interval[], ms: number): Interval[] {
  return intervals.map(({ from, to }) => ({ from, to: to + ms }));
}
