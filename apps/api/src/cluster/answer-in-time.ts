import { EventStoreUnavailableError } from '#event-store';

/**
 * Settles like `answer` of the event store.
 *
 * @throws EventStoreUnavailableError after `timeoutMs` without an answer: a connection that hangs has no error
 */
export async function answerInTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const message = `The event store gave no answer in ${timeoutMs} ms`;
  const timer = setTimeout(() => reject(new EventStoreUnavailableError(message)), timeoutMs);
  try {
    return await Promise.race([answer, expired]);
  } finally {
    clearTimeout(timer);
  }
}
