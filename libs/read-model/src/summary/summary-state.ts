import type { NodeRow, ServiceRow, UserRow } from '../users/users-state.ts';
import type { Counts } from './counts.ts';
import type { FlagChange } from './flag-history.ts';

/** A change of the counts of a Service under a flag position. */
export interface CountChange {
  readonly serviceSid: string;
  readonly flag: string;
  /** Effective time of the event, ISO 8601. */
  readonly at: string;
  readonly counts: Counts;
}

/** Changes that are not added to the counts yet, newest first. */
export type UnwrittenChanges = {
  readonly change: CountChange;
  readonly older: UnwrittenChanges;
} | null;

/** How a User is counted. Its row has only what the fold needs: sids, and the flag position of its last connect. */
export interface SummaryUser {
  readonly kind: 'user';
  /** Null once the User is deleted. */
  readonly row: UserRow | null;
  readonly unwritten: UnwrittenChanges;
}

export interface SummaryService {
  readonly kind: 'service';
  readonly row: ServiceRow;
  readonly flags: readonly FlagChange[];
}

interface SummaryNode {
  readonly kind: 'node';
  readonly row: NodeRow;
}

export type SummaryState = SummaryUser | SummaryService | SummaryNode;
