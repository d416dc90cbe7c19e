import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { parseTraceParent } from '#event-store';

/** Header of the request id, on request and answer. Events that the request causes have it as correlation id. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

/** Up to 128 characters of printable ASCII. */
const REQUEST_ID = /^[\x20-\x7e]{1,128}$/;

/**
 * The id of a request: its `X-Request-Id`, else the trace id of its `traceparent`, else a new one. A malformed header
 * counts as absent.
 */
export function requestIdOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  const id = headers['x-request-id'];
  if (typeof id === 'string' && REQUEST_ID.test(id)) return id;
  return parseTraceParent(headers['traceparent'])?.traceId ?? randomUUID();
}

/** Sets the request id on every answer. */
export function returnRequestId(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
