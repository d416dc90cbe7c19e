import type { EventStore } from '../event-store.ts';
import { shareOfLog, type Position } from '../position.ts';

/** Counts of a log's contents. */
export interface LogStats {
  readonly epoch: string;
  /** Position of the last event, null while the log is empty. */
  readonly head: Position | null;
  readonly events: number;
  /** Number of streams by category, which is the part of the name before the dash. */
  readonly streams: Readonly<Record<string, number>>;
  /** Number of events by type. */
  readonly types: Readonly<Record<string, number>>;
  /** Earliest and latest `occurredAt`, ISO 8601; null while the log is empty. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
}

export interface ReadLogOptions {
  /** Ends the read with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then with the number of read events and their approximate share of the log, from 0 to 1. */
  readonly onProgress?: (events: number, share: number) => void;
}

/** Events between two progress reports. */
const REPORT_EVERY = 1_000;

/**
 * Reads the log once, up to the end it has at the start of the call, and counts its contents.
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
