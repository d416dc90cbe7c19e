import { setTimeout as delay } from 'node:timers/promises';

/** Base and cap of the waits between attempts, in milliseconds, and how many attempts there are. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
}

/** About six seconds in all at the most: enough for the election of a new leader. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 12, baseMs: 5, capMs: 1_000 };

/**
 * Waits before retry number `retry` (1 is the first): full jitter over an exponential, so that competitors
 * spread out. An abort ends the wait early, without an error.
 */
export async function backOff(
  policy: RetryPolicy,
  retry: number,
  signal?: AbortSignal,
): Promise<void> {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(retry - 1, 30));
  const options = signal === undefined ? {} : { signal };
  await delay(Math.random() * ceiling, undefined, options).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
