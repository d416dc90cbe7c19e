import type {
  ExpectedRevision,
  LogOwner,
  LogOwnerStore,
  OwnerRecord,
  StoredOwnerRecord,
} from '#event-store';

/** In-memory record of a log's owner for tests. It fails on demand. */
export class InMemoryLogOwner implements LogOwnerStore {
  stored: StoredOwnerRecord = { record: null, revision: 'no_stream' };
  failure: Error | null = null;

  /** The owner and its status, as `status:id`; null before the first. */
  get summary(): string | null {
    const { record } = this.stored;
    return record === null ? null : `${record.status}:${record.owner.id}`;
  }

  async load(): Promise<StoredOwnerRecord> {
    await Promise.resolve();
    if (this.failure !== null) throw this.failure;
    return this.stored;
  }

  async replace(record: OwnerRecord, expected: ExpectedRevision): Promise<number | null> {
    await Promise.resolve();
    if (this.failure !== null) throw this.failure;
    if (this.stored.revision !== expected) return null;
    const revision = expected === 'no_stream' ? 0 : expected + 1;
    this.stored = { record, revision };
    return revision;
  }
}

/** A data folder for tests. A copy of it has another place. */
export function folder(id: string, place = `place of ${id}`): LogOwner {
  return { id, place, description: `/${id} of machine m` };
}
