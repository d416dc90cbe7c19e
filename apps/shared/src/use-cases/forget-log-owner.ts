import type { LogOwner, LogOwnerStore } from '#event-store';
import { RefusedError } from './refused-error.ts';

/**
 * Takes a log from its owner, alive or dead, and returns that owner. Another data folder can take the log at once then.
 * Processes of the owner that still run stop at their next look at the record.
 *
 * @param id of the owner that is meant; null for any
 * @throws RefusedError if the log has no owner, or another one
 * @throws EventStoreError
 */
export async function forgetLogOwner(store: LogOwnerStore, id: string | null): Promise<LogOwner> {
  for (;;) {
    const { record, revision } = await store.load();
    if (record === null || record.status === 'left') {
      throw new RefusedError('The event store is not in use: there is nothing to forget');
    }
    const { owner, status } = record;
    if (id !== null && owner.id !== id) {
      throw new RefusedError(`The event store is in use with ${owner.id}, ${owner.description}`);
    }
    if (status === 'forgotten') return owner;
    const forgotten = { owner, status: 'forgotten', question: null } as const;
    if ((await store.replace(forgotten, revision)) !== null) return owner;
  }
}
