import type { ExpectedRevision } from './event-store.ts';

/** The data folder, or the database, whose processes may write to a log that other machines can reach. */
export interface LogOwner {
  /** Stays the same when the folder is moved. A copy of a folder has the same. */
  readonly id: string;
  /** Where the folder is; differs between a folder and its copies. */
  readonly place: string;
  /** For people, such as "/data of machine web-1". */
  readonly description: string;
}

/** What a log says about its owner. */
export interface OwnerRecord {
  readonly owner: LogOwner;
  /** `left`: all its processes have stopped cleanly. `forgotten`: an operator has taken the log from it. */
  readonly status: 'held' | 'left' | 'forgotten';
  /** A random id while somebody waits for a sign of life. A process of the owner removes it. */
  readonly question: string | null;
}

/** The record, null before the first owner, and the revision at which to replace it. */
export interface StoredOwnerRecord {
  readonly record: OwnerRecord | null;
  readonly revision: ExpectedRevision;
}

/** The record of a log's owner. It is outside the log: not read with it, exported, projected or counted. */
export interface LogOwnerStore {
  /** @throws EventStoreError */
  load(): Promise<StoredOwnerRecord>;

  /**
   * Replaces the record, and returns its new revision. Returns null, and writes nothing, if the record is at another
   * revision than `expected` by now.
   *
   * @throws EventStoreError when it may or may not have been replaced: load it again
   */
  replace(record: OwnerRecord, expected: ExpectedRevision): Promise<number | null>;
}

/** Whether two descriptions name the same folder, not a copy of it. */
export function isSameOwner(one: LogOwner, other: LogOwner): boolean {
  return one.id === other.id && one.place === other.place;
}
