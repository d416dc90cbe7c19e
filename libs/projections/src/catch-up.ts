import type { DomainEvent } from '#domain';
import { hasReached, type EventLog, type Position, type RecordedEvent } from '#event-store';
import { batches } from './batches.ts';
import { Fold, type FoldRules } from './fold.ts';
import type { ProjectionStore } from './projection-store.ts';
import type { Projection } from './projection.ts';

/** Progress of a catch-up. */
interface CatchUpProgress {
  readonly position: Position | null;
  /** Events folded since the start of the catch-up. */
  readonly events: number;
}

export interface CatchUpOptions {
  /** Stops exactly at this position instead of at the end of the log. */
  readonly until?: Position | null;
  /** Messages to read ahead; 500 by default. */
  readonly batchSize?: number;
  /** Commits after this many changed keys; 100,000 by default. */
  readonly commitKeys?: number;
  /** Commits after this many events; 1,000,000 by default, 50,000 for a projection with `stripWritten`. */
  readonly commitEvents?: number;
  /** States to keep in memory between commits; 100,000 by default. */
  readonly cacheSize?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CatchUpProgress) => void;
}

/** Another process has moved the checkpoint of a version that the catch-up must have for itself. */
export class CheckpointMovedError extends Error {
  override readonly name = 'CheckpointMovedError';
  readonly code = 'PROJECTION.OUTRUN';

  constructor(projection: string) {
    super(`Another process is working on the same version of ${projection}`);
  }
}

/**
 * Brings one version to the end of the log and returns the number of events folded. Use it for a version that no
 * other process moves: it commits large transactions and keeps states in memory between them. It stops at the first
 * event that cannot be folded; earlier commits remain, so you can resume it. Keys with dead letters stay blocked.
 *
 * @throws ProjectionError at an event that cannot be folded
 * @throws CheckpointMovedError when another process moves the version
 */
export async function catchUp<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventLog,
  store: ProjectionStore<State>,
  options: CatchUpOptions = {},
): Promise<number> {
  const { until, batchSize = 500, commitKeys = 100_000, cacheSize = 100_000 } = options;
  const commitEvents =
    options.commitEvents ?? (projection.stripWritten === undefined ? 1_000_000 : 50_000);
  const signal = options.signal ?? new AbortController().signal;
  let committed = await store.checkpoint();
  const rules: FoldRules = { onPoison: 'stop', ...(await store.deadLetters()) };
  const fold = new Fold(projection, (keys) => store.load(keys), committed, rules);
  let events = 0;
  let eventsWritten = 0;

  const commit = async (position: Position | null): Promise<void> => {
    const next = { ...fold.checkpoint, position };
    if (!hasReached(committed.position, position)) {
      const added = fold.deadLetters;
      if (!(await store.commit(committed, next, fold.changes(), { added }))) {
        throw new CheckpointMovedError(projection.name);
      }
      fold.markWritten(cacheSize);
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
      const current = message.kind === 'event' ? message.event.position : message.position;
      if (until !== undefined && !hasReached(until, current)) {
        ended = true;
        break;
      }
      if (message.kind === 'event') wanted.push(message.event);
      if (!hasReached(position, current)) position = current;
      ended = message.kind === 'caughtUp' || (until !== undefined && hasReached(current, until));
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
  throw new Error('The subscription ended unexpectedly');
}
