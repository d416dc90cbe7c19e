import type { Observations, Shown } from './observations.ts';
import {
  informed,
  needlesslyClosed,
  Truth,
  type Attempt,
  type Bounds,
  type Outage,
} from './oracle.ts';
import { common, type Span } from './spans.ts';

/** Something that was shown and must not have been. */
export interface Finding {
  readonly user: string;
  readonly where: string;
  readonly what: string;
}

/** What a run found: each list is to be empty. */
export interface Verdict {
  readonly ghosts: readonly Finding[];
  readonly falseOfflines: readonly Finding[];
  readonly missedUpdates: readonly Finding[];
  /** Connections that a server gave up though nothing was wrong with them. */
  readonly needlessCloses: readonly Finding[];
  /** Milliseconds from the last sign of a User to being shown offline, by how it went. */
  readonly staleness: ReadonlyMap<string, readonly number[]>;
}

/** A stretch of the timeline that the service itself tells afterwards. */
export interface ToldSpan extends Span {
  readonly user: string;
  readonly shown: Shown;
}

export interface Evidence {
  readonly attempts: readonly Attempt[];
  readonly outages: readonly (readonly Outage[])[];
  readonly observations: Observations;
  readonly told: readonly ToldSpan[];
  /** What was wrong at first sight: versions that went back, frames that no server may say. */
  readonly wrong: readonly Finding[];
  readonly until: number;
  /** Watchers that nothing befell but what befell their node. */
  readonly witnesses: ReadonlySet<string>;
}

/** How much was found, all in all. */
export function findings(verdict: Verdict): number {
  const { ghosts, falseOfflines, missedUpdates, needlessCloses } = verdict;
  return ghosts.length + falseOfflines.length + missedUpdates.length + needlessCloses.length;
}

/** Holds all that was shown against what really happened. */
export function judge(evidence: Evidence, bounds: Bounds): Verdict {
  const byUser = Map.groupBy(evidence.attempts, ({ user }) => user);
  const truths = new Map(
    [...byUser].map(([user, attempts]) => [user, new Truth(attempts, evidence.outages, bounds)]),
  );
  const informedSpans = new Map(
    [...byUser].map(([user, attempts]) => [user, informed(attempts, evidence.outages, bounds)]),
  );
  const ghosts: Finding[] = [];
  const falseOfflines: Finding[] = [];
  const note = (user: string, where: string, shown: Shown, from: number, to: number) => {
    const truth = truths.get(user);
    const ghost = shown === true ? truth?.ghostWithin(from, to) : undefined;
    const alive = shown === true ? undefined : truth?.falselyOfflineWithin(from, to);
    if (ghost !== undefined) {
      const what = `online at ${time(to)}, gone (${ghost.how}) since ${time(ghost.from)}`;
      ghosts.push({ user, where, what });
    }
    if (alive !== undefined) {
      const what = `${shown} at ${time(from)} to ${time(to)}, there since ${time(alive.from)}`;
      falseOfflines.push({ user, where, what });
    }
  };
  const views = evidence.observations.views(evidence.until);
  for (const { watcher, user, shown, ...span } of views) {
    for (const { from, to } of common([span], informedSpans.get(watcher) ?? [])) {
      note(user, `watcher ${watcher}`, shown, from, to);
    }
  }
  for (const { user, shown, from, to } of evidence.told) note(user, 'timeline', shown, from, to);
  for (const { node, from, to, users } of evidence.observations.readings) {
    for (const [user, { shown }] of users) {
      const truth = truths.get(user);
      const wrong = shown === true ? truth?.ghost(from, to) : truth?.falselyOffline(from, to);
      if (wrong === undefined) continue;
      const what = `${shown} at ${time(from)} to ${time(to)}, against ${time(wrong.from)}`;
      (shown === true ? ghosts : falseOfflines).push({ user, where: `node ${node}`, what });
    }
  }
  const needlessCloses = evidence.attempts
    .filter((attempt) => needlesslyClosed(attempt, evidence.outages))
    .map(({ user, node, closeCode, endedAt }) => ({
      user,
      where: `node ${node}`,
      what: `closed with ${closeCode} at ${time(endedAt ?? Infinity)}`,
    }));
  const staleness = stalenessOf(evidence, truths, informedSpans);
  return { ghosts, falseOfflines, missedUpdates: evidence.wrong, needlessCloses, staleness };
}

/** How long each User that went was still shown online, by every witness that could know. */
function stalenessOf(
  { observations, until, witnesses }: Evidence,
  truths: ReadonlyMap<string, Truth>,
  informedSpans: ReadonlyMap<string, readonly Span[]>,
): Map<string, number[]> {
  const staleness = new Map<string, number[]>();
  const online = observations
    .views(until)
    .filter(({ watcher, shown }) => witnesses.has(watcher) && shown === true);
  for (const { watcher, user, from, to } of online) {
    const absence = truths
      .get(user)
      ?.absences.find((gone) => from <= gone.from && gone.from <= to && to < gone.to);
    if (absence === undefined || to === until) continue;
    const couldKnow = informedSpans
      .get(watcher)
      ?.some((span) => span.from <= absence.from && to <= span.to);
    if (couldKnow !== true) continue;
    const list = staleness.get(absence.how) ?? [];
    list.push(to - absence.from);
    staleness.set(absence.how, list);
  }
  return staleness;
}

function time(moment: number): string {
  return moment === Infinity ? 'the end' : new Date(moment).toISOString().slice(11, 23);
}
