import { countOpen } from './evolve-user.ts';
import type { UserRow } from './users-state.ts';

/** A User with its Connections and Bindings counted instead of listed: all that an answer needs. */
export interface UserSummary extends Omit<UserRow, 'kind' | 'connections' | 'bindings'> {
  /** Those that make the User online. */
  readonly openConnections: number;
  readonly bindingCount: number;
}

export function summarize({ kind: _, connections, bindings, ...user }: UserRow): UserSummary {
  return { ...user, openConnections: countOpen(connections), bindingCount: bindings.length };
}
