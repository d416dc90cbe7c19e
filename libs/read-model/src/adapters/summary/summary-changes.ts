import type { Changes } from '#projections';
import { integer, text, textOrNull, type SqlRow } from '#projections/adapters/columns';
import { addCounts, ANY_FLAG, type Counts, type FlagCounts } from '../../summary/counts.ts';
import type { BucketChange } from '../../summary/summary-read-model.ts';
import type { CountChange, SummaryService, SummaryState } from '../../summary/summary-state.ts';
import { bucketOf, lastDropped, RESOLUTIONS, type Resolution } from '../../summary/time-buckets.ts';
import { parseUsersKey } from '../users-key.ts';
import { countedUserText, toCountedUser } from './user-codec.ts';

/** A number to add to each column of counts. */
export type CountValues = readonly [number, number, number, number, number];

/** Columns of the numbers, in the order of {@link CountValues}. */
export const COUNT_COLUMNS = ['users', 'open_connections', 'answered', 'online', 'notifiable'];

/** The table of each kind of bucket. */
export const BUCKET_TABLES: Readonly<Record<Resolution, string>> = {
  minute: 'summary_minutes',
  hour: 'summary_hours',
};

/** Counts to add to a row of the table of totals. */
export interface TotalChange {
  readonly serviceSid: string;
  readonly flag: string;
  readonly values: CountValues;
}

/** Counts to add to a row of a table of buckets. */
export interface BucketRowChange extends TotalChange {
  readonly bucket: string;
}

/** What a commit writes. */
export interface SummaryChanges {
  /** Keys and texts of states; null for a state to remove. */
  readonly states: readonly (readonly [key: string, text: string | null])[];
  readonly totals: readonly TotalChange[];
  readonly buckets: Readonly<Record<Resolution, readonly BucketRowChange[]>>;
  /** The time of the latest change of each Service. */
  readonly latest: ReadonlyMap<string, string>;
}

/** Returns what to write for some states: their changes, added up. Sums do not depend on how a log is cut into commits. */
export function summaryChanges(changes: Changes<SummaryState>): SummaryChanges {
  const states: (readonly [string, string | null])[] = [];
  const all: CountChange[] = [];
  for (const [key, state] of changes) {
    if (state === null) continue;
    states.push([key, stateText(state)]);
    if (state.kind !== 'user') continue;
    for (let link = state.unwritten; link !== null; link = link.older) all.push(link.change);
  }
  const latest = new Map<string, string>();
  for (const { serviceSid, at } of all) {
    if (at > (latest.get(serviceSid) ?? '')) latest.set(serviceSid, at);
  }
  const buckets = (resolution: Resolution): BucketRowChange[] =>
    summed(all, ({ at }) => bucketOf(resolution, at));
  return {
    states,
    totals: summed(all, () => ''),
    buckets: { minute: buckets('minute'), hour: buckets('hour') },
    latest,
  };
}

/** Sums of the changes of each Service, bucket and flag position, in order of the tables' keys. */
function summed(
  changes: readonly CountChange[],
  bucketOfChange: (change: CountChange) => string,
): BucketRowChange[] {
  const sums = new Map<string, CountChange & { readonly bucket: string }>();
  for (const change of changes) {
    const bucket = bucketOfChange(change);
    const key = `${change.serviceSid} ${bucket} ${change.flag}`;
    const sum = sums.get(key);
    const counts = sum === undefined ? change.counts : addCounts(sum.counts, change.counts);
    sums.set(key, { ...change, bucket, counts });
  }
  return [...sums.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { serviceSid, bucket, flag, counts }]) => {
      return { serviceSid, bucket, flag, values: valuesOf(counts) };
    });
}

function valuesOf(counts: Counts): CountValues {
  const { users, openConnections, answered, online, notifiable } = counts;
  return [users, openConnections, answered, online, notifiable];
}

/** Returns the newest bucket of each kind to remove once the time of a Service is `at`. */
export function droppedBuckets(at: string): readonly (readonly [Resolution, string])[] {
  return RESOLUTIONS.map((resolution) => [resolution, lastDropped(resolution, at)]);
}

function stateText(state: SummaryState): string | null {
  if (state.kind !== 'user') return JSON.stringify(state);
  return state.row === null ? null : countedUserText(state.row);
}

/** Returns the state in a row of `summary_states`. */
export function toSummaryState(row: SqlRow): SummaryState {
  const { category, id } = parseUsersKey(text(row, 'key'));
  const stored = text(row, 'state');
  if (category === 'user') {
    return { kind: 'user', row: toCountedUser(id, stored), unwritten: null };
  }
  // Only this program writes it.
  return JSON.parse(stored) as SummaryState;
}

/** Returns the Service in a row of `summary_states`; null where it is missing or deleted. */
export function toLiveService(row: SqlRow | undefined): SummaryService | null {
  const state = row === undefined ? null : toSummaryState(row);
  return state?.kind === 'service' && !state.row.deleted ? state : null;
}

/** Returns the time of a Service's latest change, which its total has; null where there is none. */
export function latestOf(totals: readonly SqlRow[]): string | null {
  const total = totals.find((row) => text(row, 'flag') === ANY_FLAG);
  return total === undefined ? null : textOrNull(total, 'latest');
}

export function toFlagCounts(row: SqlRow): FlagCounts {
  return {
    flag: text(row, 'flag'),
    counts: {
      users: integer(row, 'users'),
      openConnections: integer(row, 'open_connections'),
      answered: integer(row, 'answered'),
      online: integer(row, 'online'),
      notifiable: integer(row, 'notifiable'),
    },
  };
}

export function toBucketChange(row: SqlRow): BucketChange {
  return { bucket: text(row, 'bucket'), ...toFlagCounts(row) };
}
