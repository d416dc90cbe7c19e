import { uuidV5 } from '#domain';
import type { EventMetadata } from './envelope.ts';

/** A span of a trace, as the `traceparent` header of W3C Trace Context names it. */
export interface TraceParent {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Two hex digits; the lowest bit says that the caller records the trace. */
  readonly flags: string;
}

/** Version, trace id, parent id, flags, and what later versions may add. */
const TRACE_PARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
/** As in {@link EventMetadata.trace}: trace id and flags. */
export const RECORDED_TRACE = /^(?!0{32})[0-9a-f]{32}-[0-9a-f]{2}$/;
const SPAN_ID_LENGTH = 16;

/** Returns the span that a `traceparent` header names; null where the header is missing or malformed. */
export function parseTraceParent(header: unknown): TraceParent | null {
  const [, traceId, spanId, flags] =
    typeof header === 'string' ? (TRACE_PARENT.exec(header) ?? []) : [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, flags };
}

/** Returns the `traceparent` header that names a span. */
export function formatTraceParent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${flags}`;
}

/** Returns a trace as the metadata of events has it. */
export function toRecordedTrace({ traceId, flags }: Omit<TraceParent, 'spanId'>): string {
  return `${traceId}-${flags}`;
}

/**
 * Returns the id of the span in which a command is handled. It derives from the command id, so that whoever follows the
 * log can name this span as a parent, although an event has only its trace.
 */
export function commandSpanId(commandId: string): string {
  return uuidV5(`${commandId}/span`).replaceAll('-', '').slice(0, SPAN_ID_LENGTH);
}

/** Returns the span of the command that an event comes from; null where its trace is not known. */
export function commandSpanOf({
  trace,
  causationId,
}: Pick<EventMetadata, 'trace' | 'causationId'>): TraceParent | null {
  if (trace === undefined || !RECORDED_TRACE.test(trace)) return null;
  const [traceId = '', flags = ''] = trace.split('-');
  return { traceId, spanId: commandSpanId(causationId), flags };
}
