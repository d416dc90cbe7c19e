import type { ReachabilityChange } from '#read-model';

/** Which changes a feed shows; changes of the Service are always among them. */
export interface ChangeFilter {
  /** Sids of Users; null for all. */
  readonly users: ReadonlySet<string> | null;
  /** The new `is_online` of the User; undefined for any. */
  readonly isOnline: boolean | null | undefined;
}

export function isShown({ users, isOnline }: ChangeFilter, change: ReachabilityChange): boolean {
  if (change.kind === 'service') return true;
  if (users?.has(change.sid) === false) return false;
  return isOnline === undefined || change.answer?.isOnline === isOnline;
}
