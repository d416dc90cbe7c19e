import type { Checkpoint } from '#projections';
import type { ServiceRow } from '../users/users-state.ts';
import type { FlagCounts } from './counts.ts';
import type { FlagChange } from './flag-history.ts';
import type { Resolution } from './time-buckets.ts';

/** How counts under one flag position changed in one bucket. */
export interface BucketChange extends FlagCounts {
  readonly bucket: string;
}

/** For each kind of bucket that was asked for, its changes, oldest first. */
export type BucketChanges = Readonly<Partial<Record<Resolution, readonly BucketChange[]>>>;

/** What is stored about the counts of a Service, from one snapshot. */
export interface StoredSummary {
  /** The counts are those of the log up to here. */
  readonly checkpoint: Checkpoint;
  /** Effective time of the latest change of a count, ISO 8601; null before the first. */
  readonly latest: string | null;
  readonly service: ServiceRow;
  readonly flags: readonly FlagChange[];
  readonly counts: readonly FlagCounts[];
  readonly changes: BucketChanges;
}

/** Reads of the `summary` projection. Each call reads a snapshot. */
export interface SummaryReadModel {
  checkpoint(): Promise<Checkpoint>;
  /** Null when the Service does not exist. @param resolutions kinds of buckets to read */
  summary(serviceSid: string, resolutions: readonly Resolution[]): Promise<StoredSummary | null>;
}
