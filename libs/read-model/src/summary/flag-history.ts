import type { Position } from '#event-store';
import { bucketOf, lastDropped } from './time-buckets.ts';

/** A change of a Service's flag. */
export interface FlagChange {
  readonly position: Position;
  /** Effective time, ISO 8601. */
  readonly at: string;
  readonly enabled: boolean;
}

/**
 * Returns a history, oldest first, with one more change. It keeps only what the ends of kept buckets show: the last change
 * of each minute of a day, the last of each hour of 90 days, and the last before them. So it stays short, however often a
 * flag changes.
 */
export function withFlagChange(
  history: readonly FlagChange[],
  change: FlagChange,
): readonly FlagChange[] {
  const dayAgo = lastDropped('minute', change.at);
  const tooOld = lastDropped('hour', change.at);
  const bucket = ({ at }: FlagChange): string => {
    if (bucketOf('hour', at) <= tooOld) return '';
    return bucketOf(bucketOf('minute', at) <= dayAgo ? 'hour' : 'minute', at);
  };
  const all = [...history, change];
  return all.filter((one, index) => {
    const next = all[index + 1];
    return next === undefined || bucket(next) !== bucket(one);
  });
}
