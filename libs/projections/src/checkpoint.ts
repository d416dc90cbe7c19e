import type { Position } from '#event-store';

/** How far a projection has come. Position and time are null before the first event. */
export interface Checkpoint {
  readonly position: Position | null;
  /** Highest `occurredAt` up to the position, ISO 8601. */
  readonly effectiveAt: string | null;
  /** Raised when rows change without the position moving, so that whoever holds an older one reads anew. */
  readonly generation: number;
}

export const START: Checkpoint = { position: null, effectiveAt: null, generation: 0 };
