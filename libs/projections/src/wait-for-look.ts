import { setTimeout as delay } from 'node:timers/promises';
import { backOffMs, type BackOff } from '#event-store';

/**
 * Waits before look number `looks`, for half of the back-off at least: a shorter wait would not show whether something
 * moves. An abort ends it.
 */
export async function waitForLook(
  { baseMs, capMs }: BackOff,
  looks: number,
  signal: AbortSignal,
): Promise<void> {
  const half = { baseMs: baseMs / 2, capMs: capMs / 2 };
  const waitMs = backOffMs(half, looks, 1) + backOffMs(half, looks, Math.random());
  await delay(waitMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
