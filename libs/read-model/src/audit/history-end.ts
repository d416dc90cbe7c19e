import type { Position } from '#event-store';
import type { TimedEvent } from './effective-times.ts';

/**
 * Where a history ends: with the events whose effective time is up to `time` (ISO 8601), or with the event at `position`.
 * Null for its end in the log.
 */
export type HistoryEnd = { readonly time: string } | { readonly position: Position } | null;

/** Returns whether an event belongs to a history that ends there. */
export function isUpTo(end: HistoryEnd, { recorded, effectiveAt }: TimedEvent): boolean {
  if (end === null) return true;
  return 'time' in end ? effectiveAt <= end.time : recorded.position <= end.position;
}
