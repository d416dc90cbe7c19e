import { open, type FileHandle } from 'node:fs/promises';
import { EventError, UnknownEventTypeError, type DomainEvent } from '#domain';
import type { NewEvent } from '../envelope.ts';
import type { EventStore } from '../event-store.ts';
import { CLOCK_LEAD_MS } from '../clock-lead.ts';
import { groupIntoAppends } from './group-appends.ts';
import { DamagedFileError, StoreDiffersError } from './errors.ts';
import { ExistingLog, eventLabel } from './existing-log.ts';
import { markFutureEvents } from './mark-future-events.ts';
import { readEvents, type FileEvent } from './read-file.ts';
import { writeInOrder } from './write-in-order.ts';

/** Checks an event by decoding it; an `EventRegistry` is one. */
export interface EventDecoder {
  /** @throws UnknownEventTypeError, InvalidEventError */
  decode(event: Pick<NewEvent, 'type' | 'schemaVersion' | 'data'>): DomainEvent;
}

export interface ImportProgress {
  readonly phase: 'check' | 'write';
  /** Bytes of the file that have been checked, or events of the file that are in the store. */
  readonly done: number;
  readonly total: number;
}

export interface ImportOptions {
  readonly registry: EventDecoder;
  /** Imports events of types that this program does not know, unchecked; by default they are refused. */
  readonly keepUnknownTypes?: boolean;
  /** Events whose time is ahead of this clock by more than `clockLeadMs` are marked; the system clock by default. */
  readonly clock?: () => Date;
  /** Milliseconds; 60,000 by default. */
  readonly clockLeadMs?: number;
  /** Ends the import with the signal's reason; another import continues from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportSummary {
  /** Events in the file. */
  readonly events: number;
  /** Those of them that were in the store already. */
  readonly present: number;
  readonly written: number;
  /** Number of events of each type that this program does not know. */
  readonly unknownTypes: Readonly<Record<string, number>>;
}

type Checked = Omit<ImportSummary, 'written'>;

/** Events between two progress reports. */
const REPORT_EVERY = 1_000;

/**
 * Imports a log that {@link exportFile} wrote: the same ids, revisions, data and metadata in the same order. The whole
 * file is read and checked before anything is written. A store that is not empty must contain the beginning of the
 * same log, as an interrupted import leaves it; then the missing events are added. Do not write to the store during
 * an import: an append to a stream of the file would end it.
 *
 * @throws DamagedFileError, StoreDiffersError: nothing was written
 * @throws EventStoreError when writing fails: another import continues from there
 */
export async function importFile(
  store: EventStore,
  path: string,
  options: ImportOptions,
): Promise<ImportSummary> {
  const file = await open(path, 'r');
  try {
    const checked = await check(store, file, options);
    const { signal, onProgress, clock = () => new Date(), clockLeadMs = CLOCK_LEAD_MS } = options;
    const { events, present } = checked;
    const all = markFutureEvents(readEvents(file, signal), clock().getTime(), clockLeadMs);
    const written = await writeInOrder(store, groupIntoAppends(all, present), {
      signal,
      onWritten: (count) => onProgress?.({ phase: 'write', done: present + count, total: events }),
    });
    return { ...checked, written };
  } finally {
    await file.close();
  }
}

/** Reads the file to its end and compares it with the store, without writing. */
async function check(
  store: EventStore,
  file: FileHandle,
  { registry, keepUnknownTypes = false, signal, onProgress }: ImportOptions,
): Promise<Checked> {
  const { size } = await file.stat();
  const existing = new ExistingLog(store);
  const revisions = new Map<string, number>();
  const unknownTypes: Record<string, number> = {};
  let events = 0;
  let present = 0;
  let difference: StoreDiffersError | null = null;
  try {
    for await (const { event, line, end } of readEvents(file, signal)) {
      assertNextRevision(revisions, event, line);
      if (!isKnown(registry, event, line, keepUnknownTypes)) {
        unknownTypes[event.type] = (unknownTypes[event.type] ?? 0) + 1;
      }
      const found = await existing.compare(event);
      if (found === 'same') present += 1;
      else if (found !== 'absent') {
        difference ??= new StoreDiffersError(
          `The store has ${found.other} where line ${line} has ${eventLabel(event)}`,
        );
        await existing.close();
      }
      events += 1;
      if (events % REPORT_EVERY === 0) onProgress?.({ phase: 'check', done: end, total: size });
    }
  } finally {
    await existing.close();
  }
  // A damaged file is the more useful error, so the difference is reported only once the whole file has been read.
  if (difference !== null) throw difference;
  return { events, present, unknownTypes };
}

function assertNextRevision(
  revisions: Map<string, number>,
  { stream, revision }: FileEvent['event'],
  line: number,
): void {
  const expected = (revisions.get(stream) ?? -1) + 1;
  if (revision !== expected) {
    const message = `has revision ${revision} of ${stream}; the next one is ${expected}`;
    throw new DamagedFileError(line, message);
  }
  revisions.set(stream, revision);
}

/**
 * Returns false for an event of an unknown type that is to be kept.
 *
 * @throws DamagedFileError when the event cannot be decoded
 */
function isKnown(
  registry: EventDecoder,
  event: FileEvent['event'],
  line: number,
  keepUnknownTypes: boolean,
): boolean {
  try {
    registry.decode(event);
    return true;
  } catch (error) {
    if (!(error instanceof EventError)) throw error;
    if (error instanceof UnknownEventTypeError && keepUnknownTypes) return false;
    const message = `has an event that this program cannot read: ${error.message}`;
    throw new DamagedFileError(line, message, { cause: error });
  }
}
