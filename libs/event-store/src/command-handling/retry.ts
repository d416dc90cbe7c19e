import { setTimeout as delay } from 'node:timers/promises';

/** Base and cap of the waits between attempts, in milliseconds, and how many attempts there are. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
}

/** About six seconds in all at the most: enough for the election of a new leader. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 12, baseMs: 5, capMs: 1_000 };

/** Waits before attempt `attempt` (1 is the first retry): full jitter over an exponential, so that writers spread. */
export async function backOff(policy: RetryPolicy, attempt: number): Promise<void> {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1));
  await delay(Math.random() * ceiling);
}
