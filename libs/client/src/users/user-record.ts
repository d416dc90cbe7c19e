import type { UserAnswer } from '../protocol/server-frames.ts';
import { overrides, type Version } from '../protocol/version.ts';

/** What is known of a User. */
export interface UserRecord {
  readonly sid: string;
  readonly identity: string;
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly isDeleted: boolean;
  /** Empty where what is known is void, so that anything overrides it. */
  readonly version: Version;
}

/** What may have changed about a User. */
export type UpdateReason = 'reachabilityOnline' | 'reachabilityNotifiable' | 'deleted' | 'restored';

export function newRecord(identity: string, answer: UserAnswer): UserRecord {
  return {
    sid: answer.sid,
    identity,
    isOnline: answer.is_online,
    isNotifiable: answer.is_notifiable,
    isDeleted: false,
    version: answer.version,
  };
}

/** The record after the server has said how the User stands. Never goes back to an earlier version. */
export function answered(record: UserRecord, answer: UserAnswer): UserRecord {
  if (!overrides(answer.version, record.version)) return record;
  return newRecord(record.identity, answer);
}

/** The record after the User was deleted. */
export function gone(record: UserRecord, version: Version): UserRecord {
  return overrides(version, record.version)
    ? { ...record, isOnline: null, isNotifiable: null, isDeleted: true, version }
    : record;
}

/** The record after the Service was switched, on or off: null until the User connects. */
export function switched(record: UserRecord, version: Version): UserRecord {
  return overrides(version, record.version)
    ? { ...record, isOnline: null, isNotifiable: null, version }
    : record;
}

/** The record of which nothing is certain any more. It goes on showing what it did until the server says more. */
export function voided(record: UserRecord): UserRecord {
  return { ...record, version: '' };
}

/** What differs, for an application to know. */
export function reasonsBetween(before: UserRecord, after: UserRecord): UpdateReason[] {
  const reasons: UpdateReason[] = [];
  if (before.isOnline !== after.isOnline) reasons.push('reachabilityOnline');
  if (before.isNotifiable !== after.isNotifiable) reasons.push('reachabilityNotifiable');
  if (before.isDeleted !== after.isDeleted) reasons.push(after.isDeleted ? 'deleted' : 'restored');
  return reasons;
}
