import { setImmediate as nextTurn } from 'node:timers/promises';
import { LogClientError } from '../log-client.ts';
import { startTimeLimit } from './time-limit.ts';

/** Buffered items that make the source pause. */
const HIGH_WATER_MARK = 1_000;

/** The part of a Node readable stream of objects that {@link readBatches} uses. */
export interface PausableStream<T> {
  on(event: 'data', listener: (item: T) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/**
 * Iterates a stream in batches of the items that have arrived: a promise for each item would cost more than most
 * consumers do with it. An error is thrown after the items that arrived before it. When the signal aborts, buffered
 * items are dropped and the iteration ends. Leaving the iteration early does not end the stream.
 *
 * @param limitMs milliseconds without an item after which it fails, while the consumer waits for one
 * @throws LogClientError then
 */
export async function* readBatches<T>(
  source: PausableStream<T>,
  signal: AbortSignal,
  limitMs: number,
): AsyncGenerator<readonly T[], void> {
  let buffer: T[] = [];
  let state: { ended: boolean; error?: Error } = { ended: signal.aborted };
  let wake = (): void => undefined;
  const end = (last: typeof state): void => {
    if (!state.ended) state = last;
    wake();
  };
  const expire = (): void => {
    end({ ended: true, error: new LogClientError('unknown', `No answer in ${limitMs} ms`) });
  };
  const drop = (): void => {
    buffer = [];
    end({ ended: true });
  };
  signal.addEventListener('abort', drop);
  source.on('end', () => end({ ended: true }));
  source.on('error', (error) => end({ ended: true, error }));
  source.on('data', (item) => {
    if (state.ended) return;
    buffer.push(item);
    if (buffer.length >= HIGH_WATER_MARK) source.pause();
    wake();
  });
  try {
    for (;;) {
      if (buffer.length === 0 && !state.ended) {
        const arrived = new Promise<void>((resolve) => (wake = resolve));
        await arrived.finally(startTimeLimit(limitMs, expire));
        // One packet from the network becomes several items, one after the other, within this turn.
        await nextTurn();
      }
      if (buffer.length > 0) {
        const batch = buffer;
        buffer = [];
        source.resume();
        yield batch;
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
