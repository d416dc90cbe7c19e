import { commandSpanOf, type EventMetadata, type TraceParent } from '#event-store';
import { isSampled } from './tracing.ts';

/** Returns the recorded span of the command that an event comes from; null where it is not recorded. */
export function recordedSpanOf(
  metadata: Pick<EventMetadata, 'trace' | 'causationId'>,
): TraceParent | null {
  if (metadata.trace === undefined) return null;
  const span = commandSpanOf(metadata);
  return span !== null && isSampled(span) ? span : null;
}
