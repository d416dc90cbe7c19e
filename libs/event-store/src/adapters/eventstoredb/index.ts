import { parseConnectionString } from './client/connection-string.ts';
import { DbClient } from './client/db-client.ts';
import { readOrCreateEpochs } from './epoch.ts';
import { EventStoreDbEventStore } from './eventstoredb-event-store.ts';
import { toReadError, withTimeout } from './failures.ts';
import { CLOCK_LEAD_MS } from '../../clock-lead.ts';
import type { EventStore } from '../../event-store.ts';
import { EventStoreUnavailableError } from '../../errors.ts';
import { StoreHealthRecord } from '../../store-health.ts';

const DEFAULT_TIMEOUT_MS = 3_000;
const DEFAULT_OPEN_TIMEOUT_MS = 10_000;

interface EventStoreDbOptions {
  /** Connection string, with credentials and TLS settings if the server needs them: see `connection-string.ts`. */
  readonly url: string;
  /** Milliseconds without an answer after which an append or a read fails; 3,000 by default. */
  readonly timeoutMs?: number;
  /** Milliseconds to wait for a server that can be used; 10,000 by default. */
  readonly openTimeoutMs?: number;
  /** Milliseconds by which a writer's clock may be ahead of the server's; 60,000 by default. The same for all readers. */
  readonly clockLeadMs?: number;
}

/**
 * Opens the event store in an EventStoreDB of version 23.10 or later, a single node or a cluster.
 *
 * @throws InvalidConnectionStringError
 * @throws EventStoreUnavailableError when the server does not answer
 */
export async function openEventStoreDbEventStore({
  url,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  openTimeoutMs = DEFAULT_OPEN_TIMEOUT_MS,
  clockLeadMs = CLOCK_LEAD_MS,
}: EventStoreDbOptions): Promise<EventStore> {
  try {
    const health = new StoreHealthRecord();
    const client = new DbClient({ settings: parseConnectionString(url), health, timeoutMs });
    try {
      await client.connected(openTimeoutMs);
      const epochs = await withTimeout(
        openTimeoutMs,
        readOrCreateEpochs(client),
        () => new EventStoreUnavailableError('EventStoreDB does not answer'),
      );
      return new EventStoreDbEventStore(client, epochs, { timeoutMs, clockLeadMs, health });
    } catch (error) {
      await client.dispose();
      throw error;
    }
  } catch (error) {
    throw toReadError(error);
  }
}
