import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { formatTraceParent, parseTraceParent } from '#event-store';
import type { ClaimedDelivery } from '#operational-state';
import { isSampled, toTraceParent, type Tracing } from '#shared/tracing/tracing';
import type { SendResult } from './http-sender.ts';
import type { WebhookRequest } from './webhook-request.ts';

const CLIENT_ERROR = 400;

type Send = (request: WebhookRequest) => Promise<SendResult | 'notOwned'>;

/**
 * Sends the request of a delivery with the `traceparent` of its trace, if that is known. Where the trace is recorded here, the
 * attempt is a span of it, and the one that the receiver continues from.
 */
export function sendTraced(
  tracing: Tracing | null,
  delivery: ClaimedDelivery,
  request: WebhookRequest,
  send: Send,
): ReturnType<Send> {
  const parent = parseTraceParent(delivery.traceParent);
  if (parent === null) return send(request);
  if (tracing === null || !isSampled(parent)) {
    return send(withTraceParent(request, formatTraceParent(parent)));
  }
  const { sid, eventType, attempts } = delivery;
  // The path and the query of the URL may have secrets.
  const attributes = {
    'http.request.method': request.method,
    'server.address': request.url.hostname,
    'reachability.delivery': sid,
    'reachability.attempt': attempts + 1,
  };
  const start = { kind: SpanKind.CLIENT, parent, attributes };
  return tracing.run(`webhook ${eventType}`, start, async (span) => {
    const result = await send(withTraceParent(request, formatTraceParent(toTraceParent(span))));
    if (result === 'notOwned') span.setAttribute('reachability.result', result);
    else if (result.kind === 'answered') {
      span.setAttribute('http.response.status_code', result.status);
      if (result.status >= CLIENT_ERROR) span.setStatus({ code: SpanStatusCode.ERROR });
    } else span.setAttribute('error.type', result.kind).setStatus({ code: SpanStatusCode.ERROR });
    return result;
  });
}

function withTraceParent(request: WebhookRequest, traceparent: string): WebhookRequest {
  return { ...request, headers: { ...request.headers, traceparent } };
}
