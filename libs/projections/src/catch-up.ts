import type { DomainEvent } from '#domain';
import { hasReached, type EventStore, type Position, type RecordedEvent } from '#event-store';
import { batches } from './batches.ts';
import { Fold, type FoldRules } from './fold-batch.ts';
import type { ProjectionStore } from './projection-store.ts';
import type { Projection } from './projection.ts';

/** How a catch-up goes on. */
export interface CatchUpProgress {
  readonly position: Position | null;
  /** Events folded since it began. */
  readonly events: number;
}

export interface CatchUpOptions {
  /** Stop exactly here instead of at the end of the log. */
  readonly until?: Position | null;
  /** Most messages read ahead; 500 by default. */
  readonly batchSize?: number;
  /** Keys changed in memory before they are written; 100,000 by default. */
  readonly commitKeys?: number;
  /** Events folded before they are written; 1,000,000 by default, 50,000 where states carry rows to be added. */
  readonly commitEvents?: number;
  /** States kept in memory so as not to be read again; 100,000 by default. */
  readonly cacheSize?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CatchUpProgress) => void;
}

/** Somebody else has moved the checkpoint of a version that a catch-up had for itself. */
export class OutrunError extends Error {
  override readonly name = 'OutrunError';
  readonly code = 'PROJECTION.OUTRUN';

  constructor(projection: string) {
    super(`Another process is working on the same version of ${projection}`);
  }
}

/**
 * Brings one version to the end that the log had some time after the call, and answers how many events that took.
 * For a version that nobody else moves: large transactions, states kept in memory in between. It stops at the
 * first event that cannot be folded; what was committed before stays, so it can be taken up again. What waits
 * behind an event that was set aside before goes on waiting.
 *
 * @throws ProjectionError at an event that cannot be folded
 * @throws OutrunError when somebody else moves the version
 */
export async function catchUp<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventStore,
  rows: ProjectionStore<State>,
  options: CatchUpOptions = {},
): Promise<number> {
  const { until, batchSize = 500, commitKeys = 100_000, cacheSize = 100_000 } = options;
  const commitEvents =
    options.commitEvents ?? (projection.written === undefined ? 1_000_000 : 50_000);
  const signal = options.signal ?? new AbortController().signal;
  let committed = await rows.checkpoint();
  const { heldKeys, skipped } = await rows.holdings();
  const rules: FoldRules = { onPoison: 'stop', heldKeys, skipped };
  const fold = new Fold(projection, (keys) => rows.load(keys), committed, rules);
  let events = 0;
  let eventsWritten = 0;

  const commit = async (position: Position | null): Promise<void> => {
    const next = { ...fold.checkpoint, position };
    if (!hasReached(committed.position, position)) {
      const { hold } = fold;
      if (!(await rows.commit(committed, next, fold.changes(), { hold }))) {
        throw new OutrunError(projection.name);
      }
      fold.written(cacheSize);
    }
    committed = next;
    eventsWritten = events;
    options.onProgress?.({ position, events });
  };

  if (until !== undefined && hasReached(committed.position, until)) return events;
  const { position: after } = committed;
  const open = (ended: AbortSignal) => log.subscribe({ after, signal: ended });
  let position = after;
  for await (const batch of batches(open, batchSize, signal)) {
    const wanted: RecordedEvent[] = [];
    let ended = false;
    for (const message of batch) {
      const place = message.kind === 'event' ? message.event.position : message.position;
      if (until !== undefined && !hasReached(until, place)) {
        ended = true;
        break;
      }
      if (message.kind === 'event') wanted.push(message.event);
      if (!hasReached(position, place)) position = place;
      ended = message.kind === 'caughtUp' || (until !== undefined && hasReached(place, until));
      if (ended) break;
    }
    await fold.add(wanted);
    events += wanted.length;
    if (ended || fold.size >= commitKeys || events - eventsWritten >= commitEvents)
      await commit(ended && until !== undefined ? until : position);
    else options.onProgress?.({ position, events });
    if (ended) return events;
  }
  signal.throwIfAborted();
  throw new Error('The subscription ended without being asked to');
}
