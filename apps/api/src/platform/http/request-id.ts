import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Header that names a request, in and out; events that the request makes carry it as their correlation id. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

/** Up to 128 characters of printable ASCII. */
const REQUEST_ID = /^[\x20-\x7e]{1,128}$/;
/** W3C Trace Context: version, trace id, parent id, flags, and what later versions may add. */
const TRACE_PARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/**
 * What a request is called: as its sender says in `X-Request-Id`, else by the trace that `traceparent` says it
 * belongs to, else by a name of its own. What is not well-formed is as good as not said.
 */
export function requestIdOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  const named = headers['x-request-id'];
  if (typeof named === 'string' && REQUEST_ID.test(named)) return named;
  const { traceparent } = headers;
  const traceId = typeof traceparent === 'string' ? TRACE_PARENT.exec(traceparent)?.[1] : undefined;
  return traceId ?? randomUUID();
}

/** Names every request in its answer, whatever the answer is. */
export function returnRequestId(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
