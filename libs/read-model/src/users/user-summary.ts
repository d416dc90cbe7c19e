import { countOpen } from './evolve-user.ts';
import type { UserRow } from './users-state.ts';

/** A User with numbers of Connections and Bindings instead of lists: enough for an answer. */
export interface UserSummary extends Omit<
  UserRow,
  'kind' | 'connections' | 'bindings' | 'answerFlag'
> {
  /** Connections that make the User online. */
  readonly openConnections: number;
  readonly bindingCount: number;
}

/** A User without what it says of itself, which may be long. */
export type UserWithoutProfile = Omit<UserSummary, 'friendlyName' | 'attributes'>;

/** What a User says of itself, as of its last event. */
export type UserProfile = Pick<
  UserSummary,
  'sid' | 'friendlyName' | 'attributes' | 'changedPosition'
>;

/** Returns a User without the lists of its row, and without what only lists of Users are found by. */
export function summarize(row: UserRow): UserSummary {
  return {
    sid: row.sid,
    serviceSid: row.serviceSid,
    identity: row.identity,
    friendlyName: row.friendlyName,
    attributes: row.attributes,
    roleSid: row.roleSid,
    createdAt: row.createdAt,
    createdPosition: row.createdPosition,
    updatedAt: row.updatedAt,
    changedPosition: row.changedPosition,
    lastConnectPosition: row.lastConnectPosition,
    answeredSince: row.answeredSince,
    onlineChangedAt: row.onlineChangedAt,
    lastOnlineAt: row.lastOnlineAt,
    openConnections: countOpen(row.connections),
    bindingCount: row.bindings.length,
  };
}
