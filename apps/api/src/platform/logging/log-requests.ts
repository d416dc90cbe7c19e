import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseTraceParent } from '#event-store';
import { LogEntry, type LogFields } from './log-entry.ts';

const logger = new Logger('Requests');

/** A request, which may have been answered before it was authenticated. */
type LoggedRequest = Pick<FastifyRequest, 'id' | 'method' | 'headers'> &
  Partial<Pick<FastifyRequest, 'route' | 'caller' | 'span'>>;

/** Returns who sent a request, and what ties it to other lines and to the event log. */
export function requestFields(request: LoggedRequest): LogFields {
  const { id, method, route = 'none', caller, span, headers } = request;
  const traceId = span?.spanContext().traceId ?? parseTraceParent(headers['traceparent'])?.traceId;
  return {
    request_id: id,
    method,
    route,
    ...(caller === undefined || caller.sid === '' ? {} : { actor: `key:${caller.sid}` }),
    ...(traceId === undefined ? {} : { trace_id: traceId }),
  };
}

/** Logs each answer of a server, at level debug. */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, { statusCode: status, elapsedTime }, done) => {
    const fields = { ...requestFields(request), status, duration_ms: Math.round(elapsedTime) };
    const { method, route } = fields;
    logger.debug(new LogEntry(`${method ?? ''} ${route ?? ''} ${status}`, { fields }));
    done();
  });
}
