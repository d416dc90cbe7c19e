import { ChatClient } from '../chat-client.ts';
import { systemClock } from '../clock.ts';
import { backoffWindow } from '../connection/backoff.ts';
import { ReachabilityError, tokenProviderError } from '../errors.ts';
import type { ChatClientOptions } from '../options.ts';

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
  const hasEnded = (): boolean => ended.signal.aborted;
  let cancelPause = (): void => undefined;
  let failures = 0;
  const open = async (): Promise<void> => {
    try {
      const token = await tokenOf(source);
      // Without this, the User would be online for a moment although the component is gone.
      if (hasEnded()) return;
      const client = await ChatClient.create(token, { createTimeoutMs: TIMEOUT_MS, ...source });
      if (hasEnded()) {
        await client.shutdown();
        return;
      }
      ended.signal.addEventListener('abort', () => void client.shutdown());
      listener.opened(client);
    } catch (cause) {
      if (hasEnded()) return;
      const error = asError(cause);
      listener.failed(error);
      if (isFinal(error)) return;
      failures += 1;
      cancelPause = systemClock.after(Math.random() * backoffWindow(failures), () => void open());
    }
  };
  // An effect that StrictMode takes back at once opens nothing.
  queueMicrotask(() => {
    if (!hasEnded()) void open();
  });
  return () => {
    cancelPause();
    ended.abort();
  };
}

/** Whether another attempt would fail in the same way. */
export function isFinal({ terminal, code }: ReachabilityError): boolean {
  return terminal || code === 'invalid';
}

async function tokenOf({ tokenProvider }: ClientSource): Promise<string> {
  try {
    return await tokenProvider();
  } catch (cause) {
    throw tokenProviderError(cause);
  }
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
