import type { ExpectedUser } from './expected-user.ts';
import type { Observations, OnlineState } from './observations.ts';
import {
  informedIntervals,
  isNeedlessClose,
  UserOracle,
  type Attempt,
  type Bounds,
  type Outage,
} from './oracle.ts';
import { intersect, subtract, type Interval } from './intervals.ts';
import { NO_SHARED_FAULTS, type SharedFaults } from './shared-faults.ts';

/** One contradiction between what was shown and what really happened. */
export interface Violation {
  readonly user: string;
  readonly where: string;
  readonly what: string;
}

/** Result of a run. A correct run has four empty lists. */
export interface CheckResult {
  readonly ghosts: readonly Violation[];
  readonly falseOfflines: readonly Violation[];
  readonly missedUpdates: readonly Violation[];
  /** Connections that a server closed although the client, the node and the network worked. */
  readonly needlessCloses: readonly Violation[];
  /** Milliseconds from the last sign of a User until watchers show it offline, by cause. */
  readonly staleness: ReadonlyMap<string, readonly number[]>;
}

/** An interval of the history that the service returns after the run. */
export interface TimelineInterval extends Interval {
  readonly user: string;
  readonly isOnline: OnlineState;
}

export interface Evidence {
  readonly attempts: readonly Attempt[];
  readonly outages: readonly (readonly Outage[])[];
  readonly observations: Observations;
  readonly timeline: readonly TimelineInterval[];
  /** Violations noticed during the run: versions that went back, frames that the protocol forbids. */
  readonly protocolViolations: readonly Violation[];
  readonly until: number;
  /** Watchers with no faults of their own: only the faults of their node affect them. */
  readonly observers: ReadonlySet<string>;
  /** Faults of what all processes share; none by default. */
  readonly shared?: SharedFaults;
  /** Users without a client, such as those of gateways. */
  readonly others?: ReadonlyMap<string, ExpectedUser>;
}

/** Number of violations of all kinds. */
export function countViolations(result: CheckResult): number {
  const { ghosts, falseOfflines, missedUpdates, needlessCloses } = result;
  return ghosts.length + falseOfflines.length + missedUpdates.length + needlessCloses.length;
}

/** Compares everything that was shown with what really happened. */
export function check(evidence: Evidence, bounds: Bounds): CheckResult {
  const { outages, observations, timeline, shared = NO_SHARED_FAULTS } = evidence;
  const byUser = [...Map.groupBy(evidence.attempts, ({ user }) => user)];
  const oracles = new Map<string, ExpectedUser>([
    ...byUser.map(
      ([user, attempts]) => [user, new UserOracle(attempts, outages, bounds, shared)] as const,
    ),
    ...(evidence.others ?? []),
  ]);
  const informed = new Map(
    byUser.map(([user, attempts]) => [user, informedIntervals(attempts, outages, bounds, shared)]),
  );
  const ghosts: Violation[] = [];
  const falseOfflines: Violation[] = [];
  const compare = (where: string, { user, isOnline, from, to }: TimelineInterval) => {
    const oracle = oracles.get(user);
    const ghost = isOnline === true ? oracle?.ghostWithin(from, to) : undefined;
    const alive = isOnline === true ? undefined : oracle?.falselyOfflineWithin(from, to);
    if (ghost !== undefined) {
      const what = `online at ${time(to)}, gone (${ghost.cause}) since ${time(ghost.from)}`;
      ghosts.push({ user, where, what });
    }
    if (alive !== undefined) {
      const what = `${isOnline} at ${time(from)} to ${time(to)}, there since ${time(alive.from)}`;
      falseOfflines.push({ user, where, what });
    }
  };
  for (const view of observations.views(evidence.until)) {
    const unsure = view.isSnapshot
      ? shared.readsBehind.filter(({ from, to }) => from <= view.from && view.from <= to)
      : [];
    for (const interval of intersect(subtract([view], unsure), informed.get(view.watcher) ?? [])) {
      compare(`watcher ${view.watcher}`, { ...view, ...interval });
    }
  }
  for (const interval of timeline) compare('timeline', interval);
  for (const { node, from, to, users } of observations.readings) {
    const sinceVisible = { from: from - bounds.visibleMs, to: Math.max(to, from + 1) };
    if (intersect([sinceVisible], shared.readsBehind).length > 0) continue;
    for (const [user, { isOnline }] of users) {
      const oracle = oracles.get(user);
      const truth = isOnline === true ? oracle?.ghost(from, to) : oracle?.falselyOffline(from, to);
      if (truth === undefined) continue;
      const what = `${isOnline} at ${time(from)} to ${time(to)}, against ${time(truth.from)}`;
      (isOnline === true ? ghosts : falseOfflines).push({ user, where: `node ${node}`, what });
    }
  }
  const needlessCloses = evidence.attempts
    .filter((attempt) => isNeedlessClose(attempt, outages))
    .map(({ user, node, closeCode, endedAt }) => ({
      user,
      where: `node ${node}`,
      what: `closed with ${closeCode} at ${time(endedAt ?? Infinity)}`,
    }));
  const missedUpdates = evidence.protocolViolations;
  const staleness = stalenessOf(evidence, oracles, informed);
  return { ghosts, falseOfflines, missedUpdates, needlessCloses, staleness };
}

/** For each User that left, how long each observer that could know still showed it online. */
function stalenessOf(
  { observations, until, observers }: Evidence,
  oracles: ReadonlyMap<string, ExpectedUser>,
  informed: ReadonlyMap<string, readonly Interval[]>,
): Map<string, number[]> {
  const staleness = new Map<string, number[]>();
  const online = observations
    .views(until)
    .filter(({ watcher, isOnline }) => observers.has(watcher) && isOnline === true);
  for (const { watcher, user, from, to } of online) {
    const absence = oracles
      .get(user)
      ?.absences.find((gone) => from <= gone.from && gone.from <= to && to < gone.to);
    if (absence === undefined || to === until) continue;
    const couldKnow = informed
      .get(watcher)
      ?.some((interval) => interval.from <= absence.from && to <= interval.to);
    if (couldKnow !== true) continue;
    const list = staleness.get(absence.cause) ?? [];
    list.push(to - absence.from);
    staleness.set(absence.cause, list);
  }
  return staleness;
}

function time(moment: number): string {
  return moment === Infinity ? 'the end' : new Date(moment).toISOString().slice(11, 23);
}
