import type { DomainEvent } from '#domain';
import type { EventStore } from '#event-store';
import { catchUp, type CatchUpOptions } from './catch-up.ts';
import type { ComparedRows, ProjectionVersions, RowDifference } from './projection-versions.ts';
import type { Projection } from './projection.ts';

/** What a verification came to. */
export interface Verified extends ComparedRows {
  readonly events: number;
  readonly position: string | null;
  /** Differences found, those beyond the ones shown included. */
  readonly differences: number;
  readonly shown: readonly RowDifference[];
  /** Events that the live version had set aside: so many it is known to lack. */
  readonly heldEvents: number;
}

/**
 * Rebuilds a projection into a place of its own, up to exactly where the live version stands now, and compares
 * the two row by row and by hash. The live version is only read.
 *
 * @param show most differences to answer with; all are counted
 */
export async function verify<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventStore,
  versions: ProjectionVersions<State>,
  show: number,
  options: CatchUpOptions = {},
): Promise<Verified> {
  const verification = await versions.verification();
  try {
    const { position, heldEvents, rows } = verification;
    const events = await catchUp(projection, log, rows, { ...options, until: position });
    const shown: RowDifference[] = [];
    let differences = 0;
    const comparison = verification.compare();
    let next = comparison.next();
    while (next.done !== true) {
      differences += 1;
      if (shown.length < show) shown.push(next.value);
      next = comparison.next();
    }
    return { ...next.value, events, position, differences, shown, heldEvents };
  } finally {
    verification.close();
  }
}
