import { open, type FileHandle } from 'node:fs/promises';
import { EventError, UnknownEventTypeError, type DomainEvent } from '#domain';
import type { NewEvent } from '../envelope.ts';
import type { EventStore } from '../event-store.ts';
import { appendsOf } from './appends-of.ts';
import { DamagedFileError, StoreDiffersError } from './errors.ts';
import { ExistingLog, inWords } from './existing-log.ts';
import { readEvents, type FileEvent } from './read-file.ts';
import { writeInOrder } from './write-in-order.ts';

/** What an event must pass; an `EventRegistry` is one. */
export interface EventCheck {
  /** @throws UnknownEventTypeError, InvalidEventError */
  decode(event: Pick<NewEvent, 'type' | 'schemaVersion' | 'data'>): DomainEvent;
}

export interface ImportProgress {
  readonly phase: 'check' | 'write';
  /** Bytes of the file that are checked, or its events that are in the store. */
  readonly done: number;
  readonly total: number;
}

export interface ImportOptions {
  readonly registry: EventCheck;
  /** Takes over events of types that this program does not know, unchecked; they are refused by default. */
  readonly keepUnknownTypes?: boolean;
  /** Ends the import with the signal's reason; importing again goes on where it ended. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportSummary {
  /** In the file. */
  readonly events: number;
  /** Of these, how many the store had already. */
  readonly present: number;
  readonly written: number;
  /** How many events there are of each type that this program does not know. */
  readonly unknownTypes: Readonly<Record<string, number>>;
}

type Checked = Omit<ImportSummary, 'written'>;

/** How many events pass between two reports of progress. */
const REPORT_EVERY = 1_000;

/**
 * Takes over the log that {@link exportFile} wrote: the same ids, revisions, data and metadata in the same order.
 * The whole file is read and checked before anything is written. A store that is not empty must hold the
 * beginning of the very same log, as an interrupted import leaves it; then what is missing is added. Nobody else
 * should write to the store meanwhile: an append of theirs to a stream of the file would end the import.
 *
 * @throws DamagedFileError, StoreDiffersError: nothing was written
 * @throws EventStoreError where writing fails: importing again goes on from there
 */
export async function importFile(
  store: EventStore,
  path: string,
  options: ImportOptions,
): Promise<ImportSummary> {
  const file = await open(path, 'r');
  try {
    const checked = await check(store, file, options);
    const { signal, onProgress } = options;
    const { events, present } = checked;
    const written = await writeInOrder(store, appendsOf(readEvents(file, signal), present), {
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
      assertNext(revisions, event, line);
      if (!isKnown(registry, event, line, keepUnknownTypes)) {
        unknownTypes[event.type] = (unknownTypes[event.type] ?? 0) + 1;
      }
      const found = await existing.compare(event);
      if (found === 'same') present += 1;
      else if (found !== 'absent') {
        difference ??= new StoreDiffersError(
          `The store holds ${found.other} where line ${line} has ${inWords(event)}`,
        );
        await existing.leave();
      }
      events += 1;
      if (events % REPORT_EVERY === 0) onProgress?.({ phase: 'check', done: end, total: size });
    }
  } finally {
    await existing.leave();
  }
  // Only of a file that is sound is it worth saying that the store holds something else.
  if (difference !== null) throw difference;
  return { events, present, unknownTypes };
}

function assertNext(
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

/** @throws DamagedFileError where the event does not pass */
function isKnown(
  registry: EventCheck,
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
    const message = `holds an event that this program cannot read: ${error.message}`;
    throw new DamagedFileError(line, message, { cause: error });
  }
}
