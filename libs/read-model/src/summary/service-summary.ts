import { addCounts, ANY_FLAG, NO_COUNTS, type Counts } from './counts.ts';
import type { FlagChange } from './flag-history.ts';
import type { StoredSummary } from './summary-read-model.ts';
import { bucketOf, lastDropped, startOf, type Resolution } from './time-buckets.ts';

/** Numbers of Users of a Service by their answers. */
export interface SummaryCounts {
  readonly users: number;
  readonly online: number;
  readonly offline: number;
  /** Users whose answer is null. */
  readonly unknown: number;
  readonly notifiable: number;
  readonly openConnections: number;
}

/** The numbers at the end of a minute or an hour. */
export interface SummaryPoint extends SummaryCounts {
  /** When the minute or hour began, ISO 8601. */
  readonly time: string;
}

type StoredCounts = Pick<StoredSummary, 'counts' | 'flags'>;

/** Returns the present numbers of a Service. */
export function presentCounts({ counts, flags }: StoredCounts): SummaryCounts {
  return countsUnder(totalsOf(counts), flags.at(-1));
}

/**
 * Returns the numbers at the end of each bucket in which they changed, oldest first: minutes of a day, or hours of 90 days,
 * up to the present. The first point is that of the beginning, or of the bucket in which the Service was created. Between
 * two points the numbers are those of the earlier one.
 *
 * @param now present time, ISO 8601. The clocks of writers may be ahead of it
 */
export function pointsUntil(
  stored: StoredSummary,
  resolution: Resolution,
  now: string,
): readonly SummaryPoint[] {
  const changes = stored.changes[resolution] ?? [];
  const end = stored.latest !== null && stored.latest > now ? stored.latest : now;
  const since = lastDropped(resolution, end);
  const created = bucketOf(resolution, stored.service.createdAt);
  const first = created > since ? created : since;
  const flagBuckets = stored.flags.map(({ at }) => bucketOf(resolution, at));
  const changesOf = Map.groupBy(changes, ({ bucket }) => bucket);
  const buckets = [...new Set([first, ...flagBuckets, ...changesOf.keys()])]
    .filter((bucket) => bucket >= first)
    .sort();
  const flagsByEnd = buckets.map((bucket) =>
    stored.flags.findLast(({ at }) => bucketOf(resolution, at) <= bucket),
  );
  const totals = totalsOf(stored.counts);
  const points: SummaryPoint[] = [];
  for (const [index, bucket] of [...buckets.entries()].reverse()) {
    points.push({ time: startOf(bucket), ...countsUnder(totals, flagsByEnd[index]) });
    for (const { flag, counts } of changesOf.get(bucket) ?? []) {
      totals.set(flag, addCounts(totals.get(flag) ?? NO_COUNTS, counts, -1));
    }
  }
  return points.reverse().filter((point, index, all) => {
    const before = all[index - 1];
    return before === undefined || !hasSameCounts(before, point);
  });
}

function totalsOf(counts: StoredSummary['counts']): Map<string, Counts> {
  return new Map(counts.map((one) => [one.flag, one.counts]));
}

/** @param change the flag change in force; undefined before the first */
function countsUnder(
  totals: ReadonlyMap<string, Counts>,
  change: FlagChange | undefined,
): SummaryCounts {
  const { users, openConnections } = totals.get(ANY_FLAG) ?? NO_COUNTS;
  const isEnabled = change?.enabled === true;
  const valid = isEnabled ? (totals.get(change.position) ?? NO_COUNTS) : NO_COUNTS;
  const { answered, online, notifiable } = valid;
  return {
    users,
    online,
    offline: answered - online,
    unknown: users - answered,
    notifiable,
    openConnections,
  };
}

function hasSameCounts(a: SummaryCounts, b: SummaryCounts): boolean {
  return (
    a.users === b.users &&
    a.online === b.online &&
    a.offline === b.offline &&
    a.notifiable === b.notifiable &&
    a.openConnections === b.openConnections
  );
}
