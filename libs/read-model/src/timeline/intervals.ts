import type { Position } from '#event-store';
import type { HistoryInterval } from './timeline-read-model.ts';
import type { FactCause, ServiceFact, UserFact } from './timeline-state.ts';
import { valueAt } from './value-at.ts';

/** A position at which the value of a User changed, or at which the User was created or deleted. */
export interface Boundary {
  readonly position: Position;
  readonly at: string;
  readonly cause: FactCause;
  /** The facts that determine the value from here on. */
  readonly user: UserFact;
  readonly service: ServiceFact;
}

/**
 * Returns the intervals that begin at boundaries, which are newest first.
 *
 * @param newer time of the boundary after them; null if there is none
 */
export function intervalsBefore(
  boundaries: Iterable<Boundary>,
  limit: number,
  newer: string | null,
): HistoryInterval[] {
  const found: HistoryInterval[] = [];
  let until = newer;
  for (const boundary of boundaries) {
    const interval = intervalFrom(boundary, until);
    if (interval !== null) found.push(interval);
    if (found.length === limit) break;
    until = boundary.at;
  }
  return found;
}

/** Returns the intervals that begin at boundaries, which are oldest first; so are the intervals. */
export function intervalsAfter(boundaries: Iterable<Boundary>, limit: number): HistoryInterval[] {
  const found: HistoryInterval[] = [];
  let last: Boundary | null = null;
  for (const boundary of boundaries) {
    const interval = last === null ? null : intervalFrom(last, boundary.at);
    if (interval !== null) found.push(interval);
    if (found.length === limit) return found;
    last = boundary;
  }
  const current = last === null ? null : intervalFrom(last, null);
  return current === null ? found : [...found, current];
}

function intervalFrom(
  { user, service, at, position, cause }: Boundary,
  until: string | null,
): HistoryInterval | null {
  const value = valueAt(user, service);
  return value === null ? null : { from: at, until, value, position, cause };
}
