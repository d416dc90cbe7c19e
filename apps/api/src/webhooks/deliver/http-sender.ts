import { isIP } from 'node:net';
import type * as Undici from 'undici';
import { ForbiddenAddressError, type AddressFilter } from './address-filter.ts';
import { fence, NotOwnedError } from './fence.ts';
import { guardedLookup } from './guarded-lookup.ts';
import type { WebhookRequest } from './webhook-request.ts';

/** Milliseconds from name resolution to the head of the response. */
const RESPONSE_TIMEOUT_MS = 5_000;
/** Bytes of a response's body that are read before its connection is closed. The body is discarded. */
const BODY_LIMIT = 64 * 1024;
/** Milliseconds that an idle connection is kept, unless the receiver asks for less. */
const KEEP_ALIVE_MS = 10_000;
/** Characters of an error text that are kept. */
const ERROR_LIMIT = 500;

/** The result of one request. */
export type SendResult =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | null }
  /** No response. Another attempt may succeed. */
  | { readonly kind: 'failed'; readonly error: string }
  /** The request was not sent, and must not be. */
  | { readonly kind: 'forbidden'; readonly error: string };

/** Sends webhooks. It follows no redirect, reads no long response, and connects to allowed addresses only. */
export class HttpSender {
  readonly #filter: AddressFilter;
  readonly #responseTimeoutMs: number;
  #agent: Undici.Agent | null = null;

  constructor(filter: AddressFilter, { responseTimeoutMs = RESPONSE_TIMEOUT_MS } = {}) {
    this.#filter = filter;
    this.#responseTimeoutMs = responseTimeoutMs;
  }

  /**
   * Returns the result of the request, or `notOwned` if it was not sent because it is no longer this worker's.
   *
   * @param isOwned asked once, right before the request is written to its connection
   */
  async send(
    { url, method, headers, body }: WebhookRequest,
    isOwned: () => boolean,
  ): Promise<SendResult | 'notOwned'> {
    // Loaded for the first webhook: most starts come before it, and many services have none.
    const undici = await import('undici');
    const agent = (this.#agent ??= this.#createAgent(undici));
    const signal = AbortSignal.timeout(this.#responseTimeoutMs);
    try {
      this.#assertLiteralAllowed(url);
      const options = { method, headers, body: body === '' ? null : body, signal };
      const dispatcher = agent.compose(fence(isOwned));
      const response = await undici.request(url, { ...options, dispatcher });
      discard(response.body);
      const { 'retry-after': retryAfter } = response.headers;
      return {
        kind: 'answered',
        status: response.statusCode,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
      };
    } catch (error) {
      if (error instanceof NotOwnedError) return 'notOwned';
      if (error instanceof ForbiddenAddressError) {
        return { kind: 'forbidden', error: error.message };
      }
      if (signal.aborted) {
        return { kind: 'failed', error: `No answer within ${this.#responseTimeoutMs / 1_000} s` };
      }
      return { kind: 'failed', error: describe(error) };
    }
  }

  /** Closes every connection. Requests in flight fail. */
  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  #createAgent({ Agent }: typeof Undici): Undici.Agent {
    return new Agent({
      connect: { lookup: guardedLookup(this.#filter) },
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
  }

  /** An address in a URL is never resolved, so {@link guardedLookup} does not see it. */
  #assertLiteralAllowed({ hostname }: URL): void {
    const host = hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) this.#filter.assertAllowed(host);
  }
}

/** Reads the body to its end, so that the connection can be reused, or closes the connection at the limit. */
function discard(body: { dump(options: { readonly limit: number }): Promise<void> }): void {
  // The response has arrived: an error in the rest of it changes nothing.
  body.dump({ limit: BODY_LIMIT }).catch(() => undefined);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const messages = error instanceof AggregateError ? error.errors.map(describe) : [error.message];
  return [...new Set(messages)].join('; ').slice(0, ERROR_LIMIT);
}
