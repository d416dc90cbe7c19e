import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items that may wait to be taken before the source is told to pause. */
const HIGH_WATER_MARK = 1_000;

/** A Node stream of objects. */
export interface PausableStream<T> {
  on(event: 'data', listener: (item: T) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/**
 * What a stream gives, taken together as it arrives: a promise for each item would cost more than most do with it.
 * An error comes after what arrived before it. Where the signal aborts, what waits is dropped and the iteration
 * ends. The stream is not ended by leaving.
 */
export async function* readBatches<T>(
  source: PausableStream<T>,
  signal: AbortSignal,
): AsyncGenerator<readonly T[], void> {
  let waiting: T[] = [];
  let state: { ended: boolean; error?: Error } = { ended: signal.aborted };
  let wake = (): void => undefined;
  const end = (last: typeof state): void => {
    if (!state.ended) state = last;
    wake();
  };
  const drop = (): void => {
    waiting = [];
    end({ ended: true });
  };
  signal.addEventListener('abort', drop);
  source.on('end', () => end({ ended: true }));
  source.on('error', (error) => end({ ended: true, error }));
  source.on('data', (item) => {
    if (state.ended) return;
    waiting.push(item);
    if (waiting.length >= HIGH_WATER_MARK) source.pause();
    wake();
  });
  try {
    for (;;) {
      if (waiting.length === 0 && !state.ended) {
        await new Promise<void>((resolve) => (wake = resolve));
        // What comes in one piece from the network becomes items one after the other within one turn.
        await nextTurn();
      }
      if (waiting.length > 0) {
        const taken = waiting;
        waiting = [];
        source.resume();
        yield taken;
      } else if (state.error !== undefined) {
        throw state.error;
      } else if (state.ended) {
        return;
      }
    }
  } finally {
    signal.removeEventListener('abort', drop);
    drop();
  }
}
