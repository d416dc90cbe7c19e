import { context, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseTraceParent } from '#event-store';
import type { Tracing } from '#shared/tracing/tracing';

declare module 'fastify' {
  interface FastifyRequest {
    /** Span of the request, while it is traced. */
    span: Span | null;
  }
}

const SERVER_ERROR = 500;

/**
 * Shows each request of an authenticated caller as a span, the child of the one that its `traceparent` names. Nobody else
 * can have anything recorded. Call it after `requireAuthentication`.
 */
export function traceRequests(fastify: FastifyInstance, tracing: Tracing): void {
  fastify.decorateRequest('span', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.caller.sid !== '') request.span = begin(tracing, request, reply);
    done();
  });
  // Not before: the parsing of a body leaves the context.
  fastify.addHook('preHandler', ({ span }, _, done) => {
    if (span === null) done();
    else context.with(trace.setSpan(context.active(), span), done);
  });
  fastify.addHook('onResponse', (request, { statusCode }, done) => {
    request.span?.setAttribute('http.response.status_code', statusCode);
    end(request, statusCode >= SERVER_ERROR);
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    end(request, false);
    done();
  });
}

/** Neither the path nor the query is in the span: they name people. */
function begin(tracing: Tracing, request: FastifyRequest, reply: FastifyReply): Span {
  const { method, route, id, caller, headers } = request;
  return tracing.start(route === undefined ? method : `${method} ${route}`, {
    kind: SpanKind.SERVER,
    parent: parseTraceParent(headers['traceparent']),
    startTime: Date.now() - reply.elapsedTime,
    attributes: {
      'http.request.method': method,
      ...(route === undefined ? {} : { 'http.route': route }),
      'reachability.request_id': id,
      'reachability.actor': `key:${caller.sid}`,
    },
  });
}

function end(request: FastifyRequest, isFailed: boolean): void {
  const { span } = request;
  if (span === null) return;
  request.span = null;
  if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
