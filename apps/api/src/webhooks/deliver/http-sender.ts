import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { ForbiddenAddressError, type AddressFilter } from './address-filter.ts';
import { guardedLookup } from './guarded-lookup.ts';
import type { WebhookRequest } from './webhook-request.ts';

/** Milliseconds from the look-up of the name to the head of the answer. */
const ANSWER_WITHIN_MS = 5_000;
/** Most bytes of an answer's body that are read; nothing is done with them. */
const BODY_LIMIT = 64 * 1024;
/** Connections kept open for the next request, of one receiver. */
const IDLE_PER_RECEIVER = 4;
const IDLE_MS = 10_000;

/** What came of a request. */
export type SendResult =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | null }
  /** Nothing came back; another attempt may fare better. */
  | { readonly kind: 'failed'; readonly error: string }
  /** It must not be sent. */
  | { readonly kind: 'forbidden'; readonly error: string };

/** Sends webhooks: no redirects, no long waits, no long answers, and to no address that the filter forbids. */
export class HttpSender {
  readonly #filter: AddressFilter;
  readonly #lookup: LookupFunction;
  readonly #answerWithinMs: number;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  constructor(filter: AddressFilter, { answerWithinMs = ANSWER_WITHIN_MS } = {}) {
    this.#filter = filter;
    this.#lookup = guardedLookup(filter);
    this.#answerWithinMs = answerWithinMs;
    const options = { keepAlive: true, maxFreeSockets: IDLE_PER_RECEIVER, timeout: IDLE_MS };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent(options);
  }

  async send(request: WebhookRequest): Promise<SendResult> {
    const signal = AbortSignal.timeout(this.#answerWithinMs);
    try {
      this.#assertLiteralAllowed(request.url);
      const answer = await this.#exchange(request, signal);
      const { statusCode = 0, headers } = answer;
      discard(answer);
      return { kind: 'answered', status: statusCode, retryAfter: headers['retry-after'] ?? null };
    } catch (error) {
      if (error instanceof ForbiddenAddressError)
        return { kind: 'forbidden', error: error.message };
      if (signal.aborted) {
        return { kind: 'failed', error: `No answer within ${this.#answerWithinMs / 1_000} s` };
      }
      return { kind: 'failed', error: describe(error) };
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  /** An address in a URL is never looked up. */
  #assertLiteralAllowed({ hostname }: URL): void {
    const host = hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) this.#filter.assertAllowed(host);
  }

  #exchange(
    { method, url, headers, body }: WebhookRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const secure = url.protocol === 'https:';
    const common = { method, headers, signal, lookup: this.#lookup };
    return new Promise((resolve, reject) => {
      const exchange = (reuse: boolean): void => {
        const outgoing = secure
          ? httpsRequest(url, { ...common, agent: reuse && this.#https })
          : httpRequest(url, { ...common, agent: reuse && this.#http });
        outgoing.once('response', resolve);
        outgoing.on('error', (error: NodeJS.ErrnoException) => {
          // A receiver may close a connection that it kept open just as the next request goes out on it.
          if (outgoing.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted) {
            exchange(false);
          } else reject(error);
        });
        outgoing.end(body);
      };
      exchange(true);
    });
  }
}

/** Reads the body away, so that the connection can be used again; one that is too long is cut off. */
function discard(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT) answer.destroy();
  });
  // The receiver has answered; how the rest of its answer ends changes nothing.
  answer.on('error', () => undefined);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const causes = error instanceof AggregateError ? error.errors.map(describe) : [error.message];
  return [...new Set(causes)].join('; ').slice(0, 500);
}
