import { setTimeout as delay } from 'node:timers/promises';

/** Base and cap of the waits between attempts, in milliseconds. */
export interface BackOff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** A back-off and the number of attempts, the first included. */
export interface RetryPolicy extends BackOff {
  readonly attempts: number;
  /** Milliseconds after which no attempt begins while the store does not answer; no limit by default. */
  readonly outageMs?: number;
}

/** Waits about six seconds in all at most: enough for the election of a new leader. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 12, baseMs: 5, capMs: 1_000 };

/**
 * Waits of whoever follows the log, or has to write to it in the end, while the store is away. It continues within a
 * second of the store's return.
 */
export const OUTAGE_RETRY: BackOff = { baseMs: 50, capMs: 500 };

/**
 * Milliseconds to wait before retry number `retry` (1 is the first): full jitter below an exponential ceiling, so
 * that competitors spread out.
 *
 * @param random from 0 to 1
 */
export function backOffMs({ baseMs, capMs }: BackOff, retry: number, random: number): number {
  return random * Math.min(capMs, baseMs * 2 ** Math.min(retry - 1, 30));
}

/** Waits before retry number `retry` for {@link backOffMs}. An abort ends the wait early, without an error. */
export async function backOff(policy: BackOff, retry: number, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  const waited = delay(backOffMs(policy, retry, Math.random()), undefined, options);
  await waited.catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}

/**
 * Runs a task until it succeeds, and returns its result. Waits longer after each failure. Returns null once the signal
 * has aborted; the task itself must end when it aborts.
 *
 * @param onError called after each failure, before the wait
 */
export async function retryUntilAborted<T>(
  policy: BackOff,
  signal: AbortSignal,
  task: () => Promise<T>,
  onError: (error: unknown) => void,
): Promise<T | null> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return await task();
    } catch (error) {
      onError(error);
      await backOff(policy, failures, signal);
    }
  }
  return null;
}
