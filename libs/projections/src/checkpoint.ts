import type { Position } from '#event-store';

/** How far a projection has come. Both are null before the first event. */
export interface Checkpoint {
  readonly position: Position | null;
  /** Highest `occurredAt` up to the position, ISO 8601. */
  readonly effectiveAt: string | null;
}

export const START: Checkpoint = { position: null, effectiveAt: null };
