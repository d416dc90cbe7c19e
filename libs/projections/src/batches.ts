import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadyIterator } from '#event-store';

/**
 * Yields the items of an async iterable in batches. Each batch has the items that have arrived since the one before:
 * at least one and at most `max`. While the consumer works, up to `max` items are read ahead. An error of the source
 * is thrown after the items before it.
 *
 * @param open opens the source. It must end when its signal aborts, because there is no other way to leave a source
 * that waits for its next item
 */
export async function* batches<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  max: number,
  signal: AbortSignal,
): AsyncGenerator<T[], void> {
  const left = new AbortController();
  const buffer: T[] = [];
  let state: { ended: boolean; error?: unknown } = { ended: false };
  let wakeConsumer = (): void => undefined;
  let wakePump = (): void => undefined;

  const pump = async (): Promise<void> => {
    const source = open(AbortSignal.any([signal, left.signal]))[Symbol.asyncIterator]();
    for await (const item of { [Symbol.asyncIterator]: () => source }) {
      if (state.ended) return;
      buffer.push(item);
      if (isReady(source)) buffer.push(...source.ready(max - buffer.length));
      wakeConsumer();
      if (buffer.length >= max) await new Promise<void>((resolve) => (wakePump = resolve));
    }
  };
  const pumping = pump().then(
    () => (state = { ended: true }),
    (error: unknown) => (state = { ended: true, error }),
  );
  void pumping.then(() => wakeConsumer());

  try {
    for (;;) {
      if (buffer.length === 0 && !state.ended) {
        await new Promise<void>((resolve) => (wakeConsumer = resolve));
      }
      // Lets the source deliver all it has. Otherwise a fast consumer gets batches of one.
      await nextTurn();
      if (buffer.length > 0) {
        const batch = buffer.splice(0);
        wakePump();
        yield batch;
      } else if (state.ended) {
        if ('error' in state) throw state.error;
        return;
      }
    }
  } finally {
    state = { ended: true };
    left.abort();
    wakePump();
    await pumping;
  }
}

function isReady<T>(source: AsyncIterator<T>): source is ReadyIterator<T> {
  return 'ready' in source;
}
