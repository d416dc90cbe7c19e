import type { DomainEvent } from '#domain';
import type { EventLog } from '#event-store';
import { catchUp, type CatchUpOptions } from './catch-up.ts';
import type { ComparedRows, ProjectionVersions, RowDifference } from './projection-versions.ts';
import type { Projection } from './projection.ts';

/** Result of a verification. */
export interface VerificationResult extends ComparedRows {
  readonly events: number;
  readonly position: string | null;
  /** Number of differences, including those not shown. */
  readonly differences: number;
  readonly shown: readonly RowDifference[];
  /** Number of dead letters: events that the live version is known to lack. */
  readonly deadLetters: number;
}

/**
 * Rebuilds a projection into a scratch version, exactly up to the position of the live version, and compares the two
 * row by row and by hash. Only reads the live version.
 *
 * @param show maximum number of differences to return; all are counted
 */
export async function verify<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventLog,
  versions: ProjectionVersions<State>,
  show: number,
  options: CatchUpOptions = {},
): Promise<VerificationResult> {
  const verification = await versions.verification();
  try {
    const { position, deadLetters, store } = verification;
    const events = await catchUp(projection, log, store, { ...options, until: position });
    const shown: RowDifference[] = [];
    let differences = 0;
    const comparison = verification.compare(options.signal);
    let next = await comparison.next();
    while (next.done !== true) {
      differences += 1;
      if (shown.length < show) shown.push(next.value);
      next = await comparison.next();
    }
    return { ...next.value, events, position, differences, shown, deadLetters };
  } finally {
    await verification.close();
  }
}
