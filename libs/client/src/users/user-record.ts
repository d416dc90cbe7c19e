import type { UserState } from '../protocol/server-frames.ts';
import { overrides, type Version } from '../protocol/version.ts';

/** Known state of a User. */
export interface UserRecord {
  readonly sid: string;
  readonly identity: string;
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly isDeleted: boolean;
  /** Empty if the record is invalid, so that any state replaces it. */
  readonly version: Version;
}

/** A part of a User that changed. */
export type UpdateReason = 'reachabilityOnline' | 'reachabilityNotifiable' | 'deleted' | 'restored';

export function newRecord(identity: string, state: UserState): UserRecord {
  return {
    sid: state.sid,
    identity,
    isOnline: state.is_online,
    isNotifiable: state.is_notifiable,
    isDeleted: false,
    version: state.version,
  };
}

/** Returns the record after a state from the server. Ignores earlier versions. */
export function applyState(record: UserRecord, state: UserState): UserRecord {
  if (!overrides(state.version, record.version)) return record;
  return newRecord(record.identity, state);
}

/** Returns the record after the User was deleted. */
export function applyDeletion(record: UserRecord, version: Version): UserRecord {
  return overrides(version, record.version)
    ? { ...record, isOnline: null, isNotifiable: null, isDeleted: true, version }
    : record;
}

/** Returns the record after reachability was enabled or disabled for the Service: null until the User connects. */
export function applyServiceChange(record: UserRecord, version: Version): UserRecord {
  return overrides(version, record.version)
    ? { ...record, isOnline: null, isNotifiable: null, version }
    : record;
}

/** Returns a record with the same values that any state from the server replaces. */
export function invalidated(record: UserRecord): UserRecord {
  return { ...record, version: '' };
}

/** Returns the parts that differ. */
export function updateReasons(before: UserRecord, after: UserRecord): UpdateReason[] {
  const reasons: UpdateReason[] = [];
  if (before.isOnline !== after.isOnline) reasons.push('reachabilityOnline');
  if (before.isNotifiable !== after.isNotifiable) reasons.push('reachabilityNotifiable');
  if (before.isDeleted !== after.isDeleted) reasons.push(after.isDeleted ? 'deleted' : 'restored');
  return reasons;
}
