import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { WEBHOOK_HEADER } from '../parameters/webhook-header.ts';

/** The parts of a request that identify it. */
export type RequestIdentity = Pick<
  FastifyRequest,
  'caller' | 'method' | 'url' | 'headers' | 'body'
>;

/** A request with an `Idempotency-Key`. */
export interface IdempotentRequest {
  /** The key within its scope: credential, method and path. */
  readonly scopedKey: string;
  /** Hash of everything else that decides what the request does: query string, parameters, webhook header. */
  readonly fingerprint: string;
}

/**
 * Returns the key of a request with its scope, null for a request without a key. The order of parameters does not
 * matter, and a form has the same fingerprint as the same strings in JSON.
 *
 * @throws TwilioError 400 for a malformed key
 */
export function idempotentRequest(request: RequestIdentity): IdempotentRequest | null {
  const { caller, method, url, headers, body } = request;
  const value = headers['idempotency-key'];
  if (value === undefined) return null;
  const key = parseIdempotencyKey(value);
  // A client may repeat a request under the other version: it is one request all the same.
  const [path = '', ...query] = url.replace(/^\/v1(?=\/)/, '/v2').split('?');
  const webhook = String(headers[WEBHOOK_HEADER.toLowerCase()] ?? false).toLowerCase();
  const parameters = JSON.stringify([query.join('?'), webhook, body ?? {}], sortKeys);
  return {
    scopedKey: [caller.sid, method, path, key].join('\n'),
    fingerprint: createHash('sha256').update(parameters).digest('base64url'),
  };
}

function sortKeys(_: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
}
