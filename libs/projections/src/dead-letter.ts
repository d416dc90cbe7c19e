import type { Position } from '#event-store';

/**
 * An event that a live projection has set aside so that other keys can go on. The first dead letter of a key could
 * not be folded. Later events of the key become dead letters, too, as do events that look the key up.
 */
export interface DeadLetter {
  readonly key: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly type: string;
  /** Effective time of the event, so that folding it later gives the same result as folding it then. */
  readonly effectiveAt: string;
  /** Why the event could not be folded; null for an event that only waits for an earlier one. */
  readonly error: string | null;
}

/** Identifies an event in every version of a projection. */
export interface EventRef {
  readonly stream: string;
  readonly revision: number;
}

/** `<stream>@<revision>` */
export function formatEventRef({ stream, revision }: EventRef): string {
  return `${stream}@${revision}`;
}

/** The page of dead letters after or before a position, in log order. */
export type DeadLetterCursor = { readonly after: Position | null } | { readonly before: Position };

export interface DeadLetterPage {
  readonly rows: readonly DeadLetter[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}
