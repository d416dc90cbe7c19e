import type { EventMetadata } from '#event-store';

const TRACE_ID_LENGTH = 32;

/** Returns the id of the trace in which the command of an event was handled, 32 hex digits; null where it is not known. */
export function traceIdOf({ trace }: Pick<EventMetadata, 'trace'>): string | null {
  return trace?.slice(0, TRACE_ID_LENGTH) ?? null;
}
