/** What the client library calls a read or a subscription: a Node stream of the answers to one call. */
interface Call<T> {
  [Symbol.asyncIterator](): AsyncIterator<T>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Iterates a call to its end. Where the consumer leaves early, the call is cancelled and what has arrived is read
 * and dropped, because a call ends, and lets go of its memory, only when its last answer has been read.
 */
export async function* iterateCall<T>(
  call: Call<T>,
  cancel: () => Promise<void>,
): AsyncGenerator<T> {
  // The loop throws what fails while it runs. An error that comes later concerns nobody, and would end the process
  // if nobody listened.
  call.on('error', () => undefined);
  const items = call[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      ended = true;
      const next = await items.next();
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
    // The call has ended by an error instead, which is an end as well.
  }
}
