import type { FastifyInstance } from 'fastify';
import { REQUEST_ID_HEADER } from './request-id.ts';
import { WEBHOOK_HEADER } from './webhook-header.ts';
import { READ_MODEL_HEADER } from './reads-after-writes.ts';

/** Seconds that a browser may remember the answer to a preflight; Chromium takes no more. */
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

/**
 * What Twilio declares on every answer, whatever its status. Any origin may ask, since credentials come in a header
 * that a page must set itself: browsers refuse the ones of their own, such as cookies, for the origin `*`.
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
 * Puts {@link CORS_HEADERS} on every answer, and answers preflights, which carry no credentials. `@fastify/cors`
 * would leave two of the headers to preflights.
 */
export function allowCrossOrigin(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    void reply.status(204).header('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS).send();
  });
  // Only at the end of an answer has nobody passed it by, not even who answers while the server stops.
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    void reply.headers(CORS_HEADERS);
    done(null, payload);
  });
}
