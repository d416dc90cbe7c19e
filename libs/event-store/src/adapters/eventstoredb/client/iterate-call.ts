import { LogClientError } from '../log-client.ts';
import { startTimeLimit } from './time-limit.ts';

/** A read or a subscription of the client library: a Node stream of the answers to one call. */
interface Call<T> {
  [Symbol.asyncIterator](): AsyncIterator<T>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Iterates a call to its end. If the consumer leaves early, the call is cancelled and its remaining answers are read
 * and dropped: a call ends, and frees its memory, only when its last answer has been read.
 *
 * @param limitMs milliseconds without the next answer after which the call is cancelled; Infinity for no limit
 * @throws LogClientError then
 */
export async function* iterateCall<T>(
  call: Call<T>,
  cancel: () => Promise<void>,
  limitMs: number,
): AsyncGenerator<T> {
  // The loop throws errors while it runs. Later errors do not matter, but without a listener they would end the
  // process.
  call.on('error', () => undefined);
  const items = call[Symbol.asyncIterator]();
  let ended = false;
  const limit = { isExceeded: false };
  const stop = (): void => {
    limit.isExceeded = true;
    void cancel().catch(() => undefined);
  };
  try {
    for (;;) {
      ended = true;
      const next = await items.next().finally(startTimeLimit(limitMs, stop));
      if (limit.isExceeded) throw new LogClientError('unknown', `No answer in ${limitMs} ms`);
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    if (!ended) await cancelAndDrain(items, cancel);
  }
}

async function cancelAndDrain(
  items: AsyncIterator<unknown>,
  cancel: () => Promise<void>,
): Promise<void> {
  try {
    await cancel();
    while ((await items.next()).done !== true);
  } catch {
    // The call has ended with an error: it has ended all the same.
  }
}
