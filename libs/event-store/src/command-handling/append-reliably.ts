import {
  AppendOutcomeUnknownError,
  EventStoreUnavailableError,
  EventStoreUnwritableError,
} from '../errors.ts';
import type { AppendResult, EventStore, StreamAppend } from '../event-store.ts';
import { Patience } from './patience.ts';
import { backOff, type RetryPolicy } from './retry.ts';

/**
 * Appends, and repeats the append unchanged while its outcome is unknown. With the same ids and the same expected
 * revision that is idempotent. Deciding again instead could act on the effect of the first attempt.
 */
export async function appendReliably(
  store: EventStore,
  { stream, expectedRevision, events }: StreamAppend,
  policy: RetryPolicy,
  patience = new Patience(policy),
): Promise<AppendResult> {
  const append = () => store.append(stream, expectedRevision, events);
  return retryWhileUnknown(policy, append, patience);
}

/**
 * Runs an append of any kind, and repeats it unchanged while its outcome is unknown. Where the repetition does not reach
 * the store, or is refused because the store cannot be written, the outcome of the first attempt stays unknown.
 */
export async function retryWhileUnknown(
  policy: RetryPolicy,
  append: () => Promise<AppendResult>,
  patience = new Patience(policy),
): Promise<AppendResult> {
  let unknown: AppendOutcomeUnknownError | null = null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await append();
    } catch (error) {
      if (error instanceof AppendOutcomeUnknownError) unknown = error;
      if (unknown === null) throw error;
      if (error instanceof EventStoreUnwritableError) throw unknown;
      const isOutage = error === unknown || error instanceof EventStoreUnavailableError;
      if (!isOutage) throw error;
      if (attempt >= policy.attempts || patience.isOver) throw unknown;
      await backOff(policy, attempt);
    }
  }
}
