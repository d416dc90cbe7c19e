import { systemClock } from '../clock.ts';
import { backoffWindow } from '../connection/backoff.ts';
import { ReachabilityError } from '../errors.ts';
import { EventStream } from './event-stream.ts';
import { parseFeedEvent, type FeedEnded, type FeedEvent } from './feed-event.ts';
import { feedHeaders, feedUrl, refusalOf, type ChangesOptions } from './feed-request.ts';

/** Four heartbeats of a server with the default settings. */
const SILENCE_MS = 60_000;

/**
 * Yields every change of a Service and its Users in the order of the log, for as long as you iterate: after a lost
 * connection it goes on after the last event, without gap or double. The next event is read only when you ask for it. It
 * ends when the Service is deleted, or when `signal` aborts.
 *
 * @throws ReachabilityError `credentials_refused`, `no_service`, `invalid`, `protocol_error`
 */
export async function* changes(options: ChangesOptions): AsyncGenerator<FeedEvent, void> {
  const url = feedUrl(options);
  const { signal, random = Math.random } = options;
  let version = options.since ?? null;
  let failures = 0;
  let hasStarted = false;
  while (signal?.aborted !== true) {
    const connection = new FeedConnection(url, options, version);
    try {
      for await (const event of connection.events()) {
        failures = 0;
        if (event.type === 'end') {
          if (event.reason === 'service_deleted') return;
          throw new ReachabilityError('credentials_refused', 'The credentials have ended');
        }
        // It goes on after what the consumer has got, not after what has arrived.
        ({ version } = event);
        if (event.type !== 'start' || !hasStarted) yield event;
        hasStarted = true;
      }
    } catch (error) {
      if (error instanceof ReachabilityError) throw error;
      if (!isAborted(signal)) options.onConnectionError?.(error);
    } finally {
      // The consumer has got every event that was parsed.
      version = connection.resumeFrom ?? version;
      connection.close();
    }
    if (isAborted(signal)) return;
    const waitMs = connection.retryMs ?? random() * backoffWindow(failures);
    failures += 1;
    await pause(waitMs, signal);
  }
}

/** One request, and the events of its answer. */
class FeedConnection {
  /** Milliseconds after which the server wants a reconnect; null to back off. */
  retryMs: number | null = null;
  readonly #url: URL;
  readonly #options: ChangesOptions;
  readonly #version: string | null;
  readonly #stream = new EventStream();
  readonly #abort = new AbortController();

  constructor(url: URL, options: ChangesOptions, version: string | null) {
    this.#url = url;
    this.#options = options;
    this.#version = version;
  }

  /** The id from which to resume once all events were read; null if none came. */
  get resumeFrom(): string | null {
    return this.#stream.lastEventId;
  }

  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#leave);
    this.#abort.abort();
  }

  /** Yields events until the server ends the answer. @throws any error of `fetch` when the connection is lost */
  async *events(): AsyncGenerator<FeedEvent | FeedEnded, void> {
    const body = await this.#open();
    if (body === null) return;
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await this.#inTime(reader.read());
      if (done) break;
      for (const event of this.#stream.push(value)) {
        const parsed = parseFeedEvent(event);
        if (parsed !== null) yield parsed;
      }
    }
    this.retryMs = this.#stream.retryMs;
  }

  /** Returns the body of the answer; null for an answer that may be another one later. */
  async #open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null> {
    const { fetch = globalThis.fetch, signal } = this.#options;
    signal?.addEventListener('abort', this.#leave);
    const headers = feedHeaders(this.#options, this.#version);
    const request = { headers, signal: this.#abort.signal, cache: 'no-store' } as const;
    const answer = await this.#inTime(fetch(this.#url, request));
    if (answer.ok) return answer.body;
    const refusal = refusalOf(answer.status);
    if (refusal !== null) throw refusal;
    const retryAfter = Number(answer.headers.get('Retry-After') ?? NaN);
    if (retryAfter > 0) this.retryMs = retryAfter * 1_000;
    return null;
  }

  readonly #leave = (): void => this.#abort.abort();

  /** Closes the connection where nothing comes for too long. */
  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const cancel = systemClock.after(this.#options.silenceMs ?? SILENCE_MS, this.#leave);
    try {
      return await work;
    } finally {
      cancel();
    }
  }
}

/** As a call, because the compiler assumes that the property does not change during a wait. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = systemClock.after(ms, end);
    signal?.addEventListener('abort', end);
  });
}
