import type { OperationalState, RetrySelection } from '#operational-state';

/** How long to attempt a delivery that is retried, in milliseconds: as long as a new one. */
const RETRY_FOR_MS = 24 * 3_600_000;

/**
 * Makes dead deliveries pending again, and sends those at once that wait for their next attempt. A running worker sends
 * them. Returns the number of dead ones.
 */
export async function retryDeliveries(
  { now, webhookQueue }: Pick<OperationalState, 'now' | 'webhookQueue'>,
  which: RetrySelection,
): Promise<number> {
  const time = await now();
  return webhookQueue.retry(which, time, time + RETRY_FOR_MS);
}
