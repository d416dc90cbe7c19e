import type { EventStore } from '../event-store.ts';
import { shareOfLog, type Position } from '../position.ts';

/** What a log holds, in numbers. */
export interface LogStats {
  readonly epoch: string;
  /** Place of the last event, null while the log is empty. */
  readonly head: Position | null;
  readonly events: number;
  /** Streams by category: what stands before the dash. */
  readonly streams: Readonly<Record<string, number>>;
  /** Events by type. */
  readonly types: Readonly<Record<string, number>>;
  /** The lowest and the highest time at which an event occurred, ISO 8601; null while the log is empty. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
}

export interface ReadLogOptions {
  /** Ends the reading with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told now and then how many events are read and which share of the log, from 0 to 1, that is about. */
  readonly onProgress?: (events: number, share: number) => void;
}

/** How many events pass between two reports of progress. */
const REPORT_EVERY = 1_000;

/**
 * Counts what the log holds, up to its end at the start of the call, by reading it once.
 *
 * @throws EventStoreError
 */
export async function logStats(
  store: EventStore,
  { signal, onProgress }: ReadLogOptions = {},
): Promise<LogStats> {
  const head = await store.head();
  const streams = new Map<string, number>();
  const types = new Map<string, number>();
  let events = 0;
  let firstAt: string | null = null;
  let lastAt: string | null = null;
  for await (const { stream, revision, type, position, metadata } of store.readAll()) {
    events += 1;
    if (revision === 0) increment(streams, stream.slice(0, stream.indexOf('-')));
    increment(types, type);
    const { occurredAt } = metadata;
    if (firstAt === null || occurredAt < firstAt) firstAt = occurredAt;
    if (lastAt === null || occurredAt > lastAt) lastAt = occurredAt;
    if (events % REPORT_EVERY !== 0) continue;
    signal?.throwIfAborted();
    onProgress?.(events, shareOfLog(position, head));
  }
  return {
    epoch: store.epoch,
    head,
    events,
    streams: sorted(streams),
    types: sorted(types),
    firstAt,
    lastAt,
  };
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
