import { ChatClient } from '../chat-client.ts';
import { systemClock } from '../clock.ts';
import { ReachabilityError, tokenProviderError } from '../errors.ts';
import type { ChatClientOptions } from '../options.ts';

/** Milliseconds between attempts to open a client. Each attempt itself goes on for `createTimeoutMs`. */
const PAUSE_MS = 1_000;
/** Milliseconds until an attempt that is not refused for good tells why it did not succeed. */
const TIMEOUT_MS = 5_000;

/** What opens a client: its options, of which the token provider is required. */
export type ClientSource = ChatClientOptions & Required<Pick<ChatClientOptions, 'tokenProvider'>>;

export interface ClientListener {
  readonly opened: (client: ChatClient) => void;
  /** An attempt failed. The next one follows unless it is useless: the error is `terminal` or `invalid`. */
  readonly failed: (error: ReachabilityError) => void;
}

/** Opens a client, and tries again until it is open. Returns a function that shuts it down. */
export function openClient(source: ClientSource, listener: ClientListener): () => void {
  const ended = new AbortController();
  let cancelPause = (): void => undefined;
  const open = async (): Promise<void> => {
    try {
      const client = await create(source);
      if (ended.signal.aborted) {
        await client.shutdown();
        return;
      }
      ended.signal.addEventListener('abort', () => void client.shutdown());
      listener.opened(client);
    } catch (cause) {
      if (ended.signal.aborted) return;
      const error = asError(cause);
      listener.failed(error);
      if (error.terminal || error.code === 'invalid') return;
      cancelPause = systemClock.after(PAUSE_MS, () => void open());
    }
  };
  // An effect that StrictMode takes back at once opens nothing.
  queueMicrotask(() => {
    if (!ended.signal.aborted) void open();
  });
  return () => {
    cancelPause();
    ended.abort();
  };
}

async function create(source: ClientSource): Promise<ChatClient> {
  let token: string;
  try {
    token = await source.tokenProvider();
  } catch (cause) {
    throw tokenProviderError(cause);
  }
  return ChatClient.create(token, { createTimeoutMs: TIMEOUT_MS, ...source });
}

/** The reason behind a time-out tells more than the time-out. */
function asError(cause: unknown): ReachabilityError {
  if (cause instanceof ReachabilityError) {
    return cause.code === 'timeout' && cause.cause instanceof ReachabilityError
      ? cause.cause
      : cause;
  }
  return new ReachabilityError('unavailable', 'The client could not be opened', { cause });
}
