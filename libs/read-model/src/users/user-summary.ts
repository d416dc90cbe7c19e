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

export function summarize({
  kind: _,
  answerFlag: _flag,
  connections,
  bindings,
  ...user
}: UserRow): UserSummary {
  return { ...user, openConnections: countOpen(connections), bindingCount: bindings.length };
}
