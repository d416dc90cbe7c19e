import type { EventMetadata } from './envelope.ts';

/** Milliseconds by which a writer's clock may be ahead of the store's, by default. */
export const CLOCK_LEAD_MS = 60_000;

/**
 * Returns the metadata of an event as the log has it: with `recordedAt` where the writer's clock is ahead of the store's
 * by more than the bound. An event that is marked already, as an import may write it, keeps its mark.
 *
 * @param now the store's clock as the event is recorded, in milliseconds since 1970
 * @param clockLeadMs the bound, in milliseconds
 */
export function markClockLead(
  metadata: EventMetadata,
  now: number,
  clockLeadMs: number,
): EventMetadata {
  if (metadata.recordedAt !== undefined) return metadata;
  const isAhead = Date.parse(metadata.occurredAt) > now + clockLeadMs;
  return isAhead ? { ...metadata, recordedAt: new Date(now).toISOString() } : metadata;
}
