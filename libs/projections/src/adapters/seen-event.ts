import type { SeenEvent } from '#event-store';
import { textOrNull, type SqlRow } from './columns.ts';

/** The last event that a checkpoint includes; null where the row does not have it. */
export function seenEvent(row: SqlRow): SeenEvent | null {
  const position = textOrNull(row, 'event_position');
  const id = textOrNull(row, 'event_id');
  return position === null || id === null ? null : { position, id };
}
