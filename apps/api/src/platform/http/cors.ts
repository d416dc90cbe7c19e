import type { FastifyInstance } from 'fastify';
import {
  IDEMPOTENCY_KEY_HEADER,
  IDEMPOTENCY_REPLAYED_HEADER,
} from './idempotency/idempotency-key.ts';
import { REQUEST_ID_HEADER } from './request-id.ts';
import { WEBHOOK_HEADER } from './parameters/webhook-header.ts';
import { READ_MODEL_HEADER, READ_MODEL_SINCE_HEADER } from './consistency/read-model-header.ts';
import { VERSION_HEADER } from './consistency/version-header.ts';

/** Seconds for which a browser may cache the answer to a preflight; Chromium allows no more. */
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

/** The value of the setting CORS_ORIGINS that allows every origin. */
const ANY_ORIGIN = '*';

/**
 * The headers that Twilio sets on every answer, whatever its status, except `Access-Control-Allow-Credentials`: with it a
 * browser would send the credentials that its user typed in. A page must set the credentials itself, in a header.
 */
const HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': ANY_ORIGIN,
  'Access-Control-Allow-Methods': 'GET, POST, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': [
    'Accept',
    'Authorization',
    'Content-Type',
    IDEMPOTENCY_KEY_HEADER,
    'Last-Event-ID',
    'traceparent',
    REQUEST_ID_HEADER,
    VERSION_HEADER,
    WEBHOOK_HEADER,
  ].join(', '),
  'Access-Control-Expose-Headers': [
    IDEMPOTENCY_REPLAYED_HEADER,
    READ_MODEL_HEADER,
    READ_MODEL_SINCE_HEADER,
    REQUEST_ID_HEADER,
    VERSION_HEADER,
    'Retry-After',
    'WWW-Authenticate',
  ].join(', '),
};

/** Returns the headers of an answer to a page of this origin. */
export type CorsHeaders = (origin?: string) => Readonly<Record<string, string>>;

/** Returns the headers for the pages of these origins, separated by commas. Other origins get no headers. */
export function corsHeaders(allowedOrigins: string): CorsHeaders {
  if (allowedOrigins === ANY_ORIGIN) return () => HEADERS;
  const allowed = new Set(allowedOrigins.toLowerCase().split(','));
  const vary = { Vary: 'Origin' };
  return (origin) =>
    origin !== undefined && allowed.has(origin)
      ? { ...HEADERS, ...vary, 'Access-Control-Allow-Origin': origin }
      : vary;
}

/**
 * Answers preflights, which carry no credentials; `setAnswerHeaders` sets the headers. `@fastify/cors` would set two of
 * the headers on preflights only.
 */
export function answerPreflights(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    void reply.status(204).header('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS).send();
  });
}
