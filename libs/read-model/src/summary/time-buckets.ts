/** The lengths of the two kinds of buckets. */
export const RESOLUTIONS = ['minute', 'hour'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** For how long buckets of each kind are kept, in milliseconds. */
const KEPT_MS: Readonly<Record<Resolution, number>> = { minute: DAY_MS, hour: 90 * DAY_MS };
/** Characters of an ISO 8601 time that name its bucket, such as `2026-11-22T14:02`. */
const CHARACTERS: Readonly<Record<Resolution, number>> = { minute: 16, hour: 13 };

/** Returns the name of the bucket of a time. Names of one kind sort in order of time. */
export function bucketOf(resolution: Resolution, at: string): string {
  return at.slice(0, CHARACTERS[resolution]);
}

/** Returns the time at which a bucket begins, ISO 8601. */
export function startOf(bucket: string): string {
  return `${bucket}${':00'.repeat(bucket.length === CHARACTERS.minute ? 1 : 2)}Z`;
}

/** Returns the newest bucket that is no longer kept once the time is `at`. */
export function lastDropped(resolution: Resolution, at: string): string {
  return bucketOf(resolution, new Date(Date.parse(at) - KEPT_MS[resolution]).toISOString());
}
