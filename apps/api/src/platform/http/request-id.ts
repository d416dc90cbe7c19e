import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Header of the request id, on request and answer. Events that the request causes have it as correlation id. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

/** Up to 128 characters of printable ASCII. */
const REQUEST_ID = /^[\x20-\x7e]{1,128}$/;
/** W3C Trace Context: version, trace id, parent id, flags, and what later versions may add. */
const TRACE_PARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/**
 * The id of a request: its `X-Request-Id`, else the trace id of its `traceparent`, else a new one. A malformed header
 * counts as absent.
 */
export function requestIdOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  const id = headers['x-request-id'];
  if (typeof id === 'string' && REQUEST_ID.test(id)) return id;
  const { traceparent } = headers;
  const traceId = typeof traceparent === 'string' ? TRACE_PARENT.exec(traceparent)?.[1] : undefined;
  return traceId ?? randomUUID();
}

/** Sets the request id on every answer. */
export function returnRequestId(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
