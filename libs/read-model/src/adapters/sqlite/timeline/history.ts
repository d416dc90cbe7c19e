import { justAfter } from '#event-store';
import type { HistoryInterval } from '../../../timeline/timeline-read-model.ts';
import type { TimelineUser } from '../../../timeline/timeline-state.ts';
import { intervalsAfter, intervalsBefore } from '../../../timeline/intervals.ts';
import type { Page, PageRequest } from '../../../users/users-read-model.ts';
import { boundariesAfter, boundariesBefore } from './boundaries.ts';
import type { Facts } from './facts.ts';

/** Sorts after every position: positions are digits. */
const AFTER_ALL = '~';

/** One page of a User's intervals, newest first. Reads only the page, wherever it is. */
export function readHistory(
  facts: Facts,
  head: TimelineUser,
  { cursor, size }: PageRequest,
): Page<HistoryInterval> {
  if ('before' in cursor) {
    const found = intervalsAfter(boundariesAfter(facts, head, cursor.before), size + 1);
    const rows = found.slice(0, size).reverse();
    return { rows, hasPrevious: found.length > size, hasNext: true };
  }
  const position = cursor.after ?? AFTER_ALL;
  const newer = cursor.after === null ? null : firstBoundaryTime(facts, head, position);
  const found = intervalsBefore(boundariesBefore(facts, head, position), size + 1, newer);
  return {
    rows: found.slice(0, size),
    hasPrevious: cursor.after !== null,
    hasNext: found.length > size,
  };
}

/** Time of the first boundary at or after a position. */
function firstBoundaryTime(facts: Facts, head: TimelineUser, from: string): string | null {
  for (const { position, at } of boundariesBefore(facts, head, justAfter(from))) {
    if (position === from) return at;
    break;
  }
  for (const { at } of boundariesAfter(facts, head, from)) return at;
  return null;
}
