import { resolve } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';

/** Channel to all threads of this process that have the same file open. */
function channelOf(path: string): BroadcastChannel {
  const channel = new BroadcastChannel(`event-store:${resolve(path)}`);
  channel.unref();
  return channel;
}

/**
 * Notifies the other threads of this process of appends to a file. A notification is only a hint: a thread that
 * misses it finds the append by polling the file.
 */
export class AppendNotifier {
  readonly #channel: BroadcastChannel;

  constructor(path: string) {
    this.#channel = channelOf(path);
  }

  /** @param row number of the last committed row */
  notify(row: number): void {
    this.#channel.postMessage(row);
  }

  close(): void {
    this.#channel.close();
  }
}

/** Calls `listener` with each row number that another thread reports for the file. Returns a function that stops it. */
export function onAppend(path: string, listener: (row: number) => void): () => void {
  const channel = channelOf(path);
  channel.onmessage = ({ data }: { readonly data: unknown }) => {
    if (typeof data === 'number') listener(data);
  };
  return () => channel.close();
}
