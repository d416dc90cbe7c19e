import {
  StoreDiffersError,
  writeInOrder,
  type EventStore,
  type StreamAppend,
  type WriteOptions,
} from '#event-store';
import { ExistingLog } from '#event-store/transfer/existing-log';
import { seedHistory, type SeedOptions } from './seed-history.ts';

export interface SeedSummary {
  /** Events of the history, all of which are now in the store. */
  readonly events: number;
  /** Those of them that were in the store already. */
  readonly present: number;
  readonly written: number;
}

/**
 * Writes a seeded history to an empty store, or continues an interrupted seed with the same options.
 *
 * @throws RangeError when the options are invalid
 * @throws StoreDiffersError when the store contains any other events; nothing was written
 * @throws EventStoreError when writing fails: seeding again continues from there
 */
export async function seedStore(
  store: EventStore,
  options: SeedOptions,
  writing: WriteOptions = {},
): Promise<SeedSummary> {
  const existing = new ExistingLog(store);
  let present = 0;
  async function* missing(): AsyncGenerator<StreamAppend> {
    for (const append of seedHistory(options)) {
      const rest = existing.hasEnded ? append : await missingOf(existing, append);
      present += append.events.length - (rest?.events.length ?? 0);
      if (rest !== null) yield rest;
    }
  }
  try {
    const written = await writeInOrder(store, missing(), writing);
    return { events: present + written, present, written };
  } finally {
    await existing.close();
  }
}

/** The part of an append that is not in the store; null if all of it is. */
async function missingOf(
  existing: ExistingLog,
  append: StreamAppend,
): Promise<StreamAppend | null> {
  const { stream, expectedRevision, events } = append;
  const first = expectedRevision === 'no_stream' ? 0 : expectedRevision + 1;
  for (const [index, event] of events.entries()) {
    const revision = first + index;
    const found = await existing.compare({ ...event, stream, revision });
    if (found === 'absent') {
      if (index === 0) return append;
      return { stream, expectedRevision: revision - 1, events: events.slice(index) };
    }
    if (found !== 'same') {
      throw new StoreDiffersError(
        `The store has events that are not part of this history: ${found.other}`,
      );
    }
  }
  return null;
}
