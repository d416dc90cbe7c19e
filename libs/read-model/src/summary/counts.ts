import type { Position } from '#event-store';
import { countOpen } from '../users/evolve-user.ts';
import type { UserRow } from '../users/users-state.ts';

/** Numbers of the Users of a Service, or differences of such numbers. */
export interface Counts {
  readonly users: number;
  /** Open Connections that make a User online. */
  readonly openConnections: number;
  /** Users with an answer. */
  readonly answered: number;
  readonly online: number;
  readonly notifiable: number;
}

export const NO_COUNTS: Counts = {
  users: 0,
  openConnections: 0,
  answered: 0,
  online: 0,
  notifiable: 0,
};

/** What does not depend on the flag of the Service is counted under this instead of a flag position. */
export const ANY_FLAG = '';

/**
 * Counts under one flag position. Users that connected under a former one have no answer, so a change of the flag makes
 * other counts valid and changes none.
 */
export interface FlagCounts {
  readonly flag: Position;
  readonly counts: Counts;
}

export function addCounts(a: Counts, b: Counts, sign: 1 | -1 = 1): Counts {
  return {
    users: a.users + sign * b.users,
    openConnections: a.openConnections + sign * b.openConnections,
    answered: a.answered + sign * b.answered,
    online: a.online + sign * b.online,
    notifiable: a.notifiable + sign * b.notifiable,
  };
}

export function isNothing(counts: Counts): boolean {
  return (
    counts.users === 0 &&
    counts.openConnections === 0 &&
    counts.answered === 0 &&
    counts.online === 0 &&
    counts.notifiable === 0
  );
}

/** Returns how the counts of a Service change when a row of a User becomes another; null stands for no User. */
export function countChanges(before: UserRow | null, after: UserRow | null): FlagCounts[] {
  const changes: FlagCounts[] = [];
  const add = (flag: Position, counts: Counts): void => {
    if (!isNothing(counts)) changes.push({ flag, counts });
  };
  add(ANY_FLAG, addCounts(presence(after), presence(before), -1));
  const [from, to] = [before?.answerFlag ?? null, after?.answerFlag ?? null];
  if (from !== null && from === to) add(from, addCounts(answers(after), answers(before), -1));
  else {
    if (from !== null) add(from, addCounts(NO_COUNTS, answers(before), -1));
    if (to !== null) add(to, answers(after));
  }
  return changes;
}

function presence(row: UserRow | null): Counts {
  if (row === null) return NO_COUNTS;
  return { ...NO_COUNTS, users: 1, openConnections: countOpen(row.connections) };
}

function answers(row: UserRow | null): Counts {
  if (row === null) return NO_COUNTS;
  const online = countOpen(row.connections) > 0 ? 1 : 0;
  return { ...NO_COUNTS, answered: 1, online, notifiable: row.bindings.length > 0 ? 1 : 0 };
}
