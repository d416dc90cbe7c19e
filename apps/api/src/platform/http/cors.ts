import type { FastifyInstance } from 'fastify';
import { REQUEST_ID_HEADER } from './request-id.ts';
import { WEBHOOK_HEADER } from './webhook-header.ts';
import { READ_MODEL_HEADER } from './read-model-header.ts';

/** Seconds for which a browser may cache the answer to a preflight; Chromium allows no more. */
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

/**
 * The headers that Twilio sets on every answer, whatever its status. Any origin is allowed because a page must set
 * the credentials itself, in a header: browsers do not send cookies and the like to the origin `*`.
 */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': [
    'Accept',
    'Authorization',
    'Content-Type',
    'Idempotency-Key',
    'traceparent',
    REQUEST_ID_HEADER,
    WEBHOOK_HEADER,
  ].join(', '),
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Expose-Headers': [READ_MODEL_HEADER, REQUEST_ID_HEADER, 'WWW-Authenticate'].join(
    ', ',
  ),
};

/**
 * Sets {@link CORS_HEADERS} on every answer, and answers preflights, which carry no credentials. `@fastify/cors`
 * would set two of the headers on preflights only.
 */
export function allowCrossOrigin(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    void reply.status(204).header('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS).send();
  });
  // The last hook of an answer: it also runs where an earlier hook answers, as when the server stops.
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    void reply.headers(CORS_HEADERS);
    done(null, payload);
  });
}
