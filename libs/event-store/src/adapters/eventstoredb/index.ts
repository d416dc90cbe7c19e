import { DbClient } from './db-client.ts';
import { readOrCreateEpochs } from './epoch.ts';
import { EventStoreDbEventStore } from './eventstoredb-event-store.ts';
import { toReadError, withTimeout } from './failures.ts';
import { CLOCK_LEAD_MS } from '../../clock-lead.ts';
import type { EventStore } from '../../event-store.ts';
import { EventStoreUnavailableError } from '../../errors.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

interface EventStoreDbOptions {
  /** Connection string: `esdb://` or `esdb+discover://`, with credentials and TLS settings if the server needs them. */
  readonly url: string;
  /** Milliseconds without an answer after which opening, or an append, fails; 10,000 by default. */
  readonly timeoutMs?: number;
  /** Milliseconds by which a writer's clock may be ahead of the server's; 60,000 by default. The same for all readers. */
  readonly clockLeadMs?: number;
}

/**
 * Opens the event store in an EventStoreDB of version 23.10 or later, a single node or a cluster.
 *
 * @throws EventStoreUnavailableError when the connection string is invalid, or the server does not answer
 */
export async function openEventStoreDbEventStore({
  url,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  clockLeadMs = CLOCK_LEAD_MS,
}: EventStoreDbOptions): Promise<EventStore> {
  try {
    const client = new DbClient(url);
    try {
      const epochs = await withTimeout(
        timeoutMs,
        readOrCreateEpochs(client),
        () => new EventStoreUnavailableError('EventStoreDB does not answer'),
      );
      return new EventStoreDbEventStore(client, epochs, timeoutMs, clockLeadMs);
    } catch (error) {
      await client.dispose();
      throw error;
    }
  } catch (error) {
    throw toReadError(error);
  }
}
