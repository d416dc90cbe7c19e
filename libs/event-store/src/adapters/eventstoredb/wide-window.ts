import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientHttp2Session } from 'node:http2';

/** Bytes of answers that may be on their way or wait to be read; HTTP/2 begins with 64 KB. */
export const WINDOW_BYTES = 4 * 2 ** 20;

const STREAM_STARTED = 'http2.client.stream.start';

/** What Node says on that channel, as far as it matters here. */
interface Started {
  readonly stream: { readonly session?: ClientHttp2Session };
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * Lets the server send ahead on the connections of one client while the consumer works: with the window that
 * HTTP/2 begins with, a hundred events or so, each of the two waits for the other most of the time. The client
 * library has no setting for it, so Node is asked to tell of its connections. A Node that does not tell of them
 * reads more slowly, which is all.
 *
 * @param connectionName sent by the client with each request
 * @returns stops it, for connections to come
 */
export function widenWindows(connectionName: string): () => void {
  const widened = new WeakSet<ClientHttp2Session>();
  const onStarted = (message: unknown): void => {
    if (!isStarted(message) || String(message.headers['connection-name']) !== connectionName)
      return;
    const { session } = message.stream;
    if (session === undefined || session.destroyed || widened.has(session)) return;
    widened.add(session);
    session.settings({ initialWindowSize: WINDOW_BYTES });
    session.setLocalWindowSize(WINDOW_BYTES);
  };
  subscribe(STREAM_STARTED, onStarted);
  return () => void unsubscribe(STREAM_STARTED, onStarted);
}

function isStarted(message: unknown): message is Started {
  return (
    typeof message === 'object' &&
    message !== null &&
    'stream' in message &&
    typeof message.stream === 'object' &&
    'headers' in message &&
    typeof message.headers === 'object' &&
    message.headers !== null
  );
}
