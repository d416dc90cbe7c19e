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
  /** Of the history, all of which the store holds now. */
  readonly events: number;
  /** Of these, how many the store had already. */
  readonly present: number;
  readonly written: number;
}

/**
 * Writes a seeded history to a store that is empty, or goes on where it was interrupted with the same options.
 *
 * @throws RangeError for options that make no history
 * @throws StoreDiffersError where the store holds anything else; nothing was written
 * @throws EventStoreError where writing fails: seeding again goes on from there
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
    await existing.leave();
  }
}

/** What the store does not hold of an append, null where it holds all of it. */
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
      throw new StoreDiffersError(`The store holds another log than this history: ${found.other}`);
    }
  }
  return null;
}
