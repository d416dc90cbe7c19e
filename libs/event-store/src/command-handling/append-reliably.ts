import { AppendOutcomeUnknownError, EventStoreUnwritableError } from '../errors.ts';
import type { AppendResult, EventStore, StreamAppend } from '../event-store.ts';
import { backOff, type RetryPolicy } from './retry.ts';

/**
 * Appends, and repeats the append unchanged while its outcome is unknown. With the same ids and the same expected
 * revision that is idempotent. Deciding again instead could act on the effect of the first attempt.
 */
export async function appendReliably(
  store: EventStore,
  { stream, expectedRevision, events }: StreamAppend,
  policy: RetryPolicy,
): Promise<AppendResult> {
  return retryWhileUnknown(policy, () => store.append(stream, expectedRevision, events));
}

/**
 * Runs an append of any kind, and repeats it unchanged while its outcome is unknown. Where the repetition is refused
 * because the store cannot be written, the outcome of the first attempt stays unknown.
 */
export async function retryWhileUnknown(
  policy: RetryPolicy,
  append: () => Promise<AppendResult>,
): Promise<AppendResult> {
  let unknown: AppendOutcomeUnknownError | null = null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await append();
    } catch (error) {
      if (unknown !== null && error instanceof EventStoreUnwritableError) throw unknown;
      if (!(error instanceof AppendOutcomeUnknownError) || attempt >= policy.attempts) throw error;
      unknown = error;
      await backOff(policy, attempt);
    }
  }
}
