import type { Position } from '#event-store';

/**
 * An event that a live projection has set aside, so that the others can go on. The first of a key is the one that
 * could not be folded; what follows of the key waits behind it, and so does what would have looked the key up.
 */
export interface HeldEvent {
  readonly key: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly type: string;
  /** Effective time at the event, so that folding it later gives what folding it then would have given. */
  readonly effectiveAt: string;
  /** Why it could not be folded; null for an event that only waits behind such a one. */
  readonly error: string | null;
}

/** Names one event for good, whatever version of a projection meets it. */
export interface EventPlace {
  readonly stream: string;
  readonly revision: number;
}

/** The place as one string, to be kept in sets and shown. */
export function placeOf({ stream, revision }: EventPlace): string {
  return `${stream}@${revision}`;
}
