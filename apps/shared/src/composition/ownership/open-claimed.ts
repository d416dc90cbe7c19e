import type { EventStore } from '#event-store';
import type { LogClaim } from './log-claim.ts';

/** Takes the right to write to a log; null where nothing is written, or nobody else can. */
export type Claim = (events: EventStore) => Promise<LogClaim | null>;

/**
 * Opens stores beside an event store, once the right to write to its log is taken. Closing them gives it back. A failure
 * closes the event store.
 */
export async function openClaimed<Stores extends { close(): Promise<void> }>(
  events: EventStore,
  takeClaim: Claim,
  openStores: () => Promise<Stores>,
): Promise<Stores & { readonly claim: LogClaim | null }> {
  let claim: LogClaim | null;
  try {
    claim = await takeClaim(events);
  } catch (error) {
    await events.close();
    throw error;
  }
  try {
    const stores = await openStores();
    const close = async (): Promise<void> => {
      await claim?.release();
      await stores.close();
    };
    return { ...stores, claim, close };
  } catch (error) {
    await claim?.leaveToSuccessor();
    throw error;
  }
}
