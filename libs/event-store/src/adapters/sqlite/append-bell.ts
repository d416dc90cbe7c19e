import { resolve } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';

/** All threads of this process that have the same file open. */
function channelOf(path: string): BroadcastChannel {
  const channel = new BroadcastChannel(`event-store:${resolve(path)}`);
  channel.unref();
  return channel;
}

/**
 * Tells the other threads of this process how far the log in a file reaches. What it says is a hint: the file is
 * what counts, and whoever misses it finds out by looking.
 */
export class AppendBell {
  readonly #channel: BroadcastChannel;

  constructor(path: string) {
    this.#channel = channelOf(path);
  }

  /** @param row number of the last row that has been committed */
  ring(row: number): void {
    this.#channel.postMessage(row);
  }

  close(): void {
    this.#channel.close();
  }
}

/** Calls `listener` whenever another thread rings the bell of the file. Answers how to end that. */
export function hearAppends(path: string, listener: (row: number) => void): () => void {
  const channel = channelOf(path);
  channel.onmessage = ({ data }: { readonly data: unknown }) => {
    if (typeof data === 'number') listener(data);
  };
  return () => channel.close();
}
