import type { Api } from '../api/api.ts';
import { ApiError } from '../api/api-error.ts';
import type { EventStreamParser, StreamEvent } from './event-stream.ts';

/** The server sends a comment after 15 s of silence by default; a connection that is silent for longer is dead. */
const SILENCE_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

export interface ChangeListener {
  readonly onEvents: (events: readonly StreamEvent[]) => void;
  /** Whether changes arrive as they happen. */
  readonly onLive: (isLive: boolean) => void;
}

/**
 * Follows a change feed until it is aborted, or until the service refuses it. After a lost connection it goes on where it
 * was, so no change is missed.
 *
 * @param parser knows where to go on
 */
export async function followChanges(
  api: Api,
  path: string,
  parser: EventStreamParser,
  { onEvents, onLive }: ChangeListener,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await readFeed(api, path, parser, signal, (events) => {
        failures = 0;
        onLive(true);
        onEvents(events);
      });
    } catch (error) {
      if (isFinal(error)) break;
      failures += 1;
    }
    onLive(false);
    const longest = Math.min((parser.retryMs ?? FIRST_RETRY_MS) * 2 ** failures, LONGEST_RETRY_MS);
    await pause(longest * (0.5 + Math.random() / 2), signal);
  }
  onLive(false);
}

/** Whether a repeated request would be refused, too. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && error.status !== 429;
}

async function readFeed(
  api: Api,
  path: string,
  parser: EventStreamParser,
  signal: AbortSignal,
  onText: (events: readonly StreamEvent[]) => void,
): Promise<void> {
  const silence = new AbortController();
  const either = AbortSignal.any([signal, silence.signal]);
  const lastEventId = parser.lastEventId;
  const response = await api.send('GET', path, {
    signal: either,
    headers: {
      Accept: 'text/event-stream',
      ...(lastEventId === null ? {} : { 'Last-Event-ID': lastEventId }),
    },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    onText(parser.push(value));
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
