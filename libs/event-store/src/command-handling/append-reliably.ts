import { AppendOutcomeUnknownError } from '../errors.ts';
import type { AppendResult, EventStore, StreamAppend } from '../event-store.ts';
import { backOff, type RetryPolicy } from './retry.ts';

/**
 * Appends, and while the outcome stays unknown repeats the very same append: same ids, same expected revision,
 * which the port promises to be idempotent. Deciding anew instead could act on an effect of one's own.
 */
export async function appendReliably(
  store: EventStore,
  { stream, expectedRevision, events }: StreamAppend,
  policy: RetryPolicy,
): Promise<AppendResult> {
  return whileUnknown(policy, () => store.append(stream, expectedRevision, events));
}

/** Carries out an append of any kind, and repeats it unchanged while its outcome stays unknown. */
export async function whileUnknown(
  policy: RetryPolicy,
  append: () => Promise<AppendResult>,
): Promise<AppendResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await append();
    } catch (error) {
      if (!(error instanceof AppendOutcomeUnknownError) || attempt >= policy.attempts) throw error;
      await backOff(policy, attempt);
    }
  }
}
