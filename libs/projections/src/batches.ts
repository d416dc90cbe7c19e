import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadyIterator } from '#event-store';

/**
 * Groups what an async iterable delivers: each batch is all that was there when the consumer came for it, at
 * least one item and at most `max`. The source is read ahead while the consumer works, up to `max` items.
 * An error of the source surfaces after what came before it.
 *
 * @param open makes the source, which must end when the signal it is given aborts: a source that waits for its
 * next item cannot be left in any other way
 */
export async function* batches<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  max: number,
  signal: AbortSignal,
): AsyncGenerator<T[]> {
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
      // A turn for the source to hand over what it has: a consumer that is quick would else get crumbs.
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
