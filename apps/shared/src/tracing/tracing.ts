import {
  context,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type SpanKind,
  type TimeInput,
  type Tracer,
} from '@opentelemetry/api';
import { DomainError } from '#domain';
import type { TraceParent } from '#event-store';
import type { SpanIds } from './span-ids.ts';

/** How a span begins. */
export interface SpanStart {
  /** `SpanKind.INTERNAL` by default. */
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** The span that caused it; by default the active one. Null begins a trace. */
  readonly parent?: TraceParent | null;
  /** Other spans that caused it. */
  readonly links?: readonly TraceParent[];
  /** By default now. */
  readonly startTime?: TimeInput;
  /** Its id, 16 hex digits, where others have to know it. By default a random one. */
  readonly spanId?: string;
}

/**
 * Begins and ends the spans of a process. A process without tracing has none of it, and no span of the API's no-op
 * either: its callers hold null, and look at that once.
 */
export class Tracing {
  readonly #tracer: Tracer;
  readonly #ids: SpanIds;

  constructor(tracer: Tracer, ids: SpanIds) {
    this.#tracer = tracer;
    this.#ids = ids;
  }

  /** Begins a span. Whoever begins it ends it. */
  start(name: string, { kind, attributes, parent, links, startTime, spanId }: SpanStart): Span {
    const options = {
      ...(kind === undefined ? {} : { kind }),
      ...(attributes === undefined ? {} : { attributes }),
      ...(startTime === undefined ? {} : { startTime }),
      links: (links ?? []).map((link) => ({ context: toSpanContext(link) })),
    };
    const begin = (): Span => this.#tracer.startSpan(name, options, parentContext(parent));
    return spanId === undefined ? begin() : this.#ids.use(spanId, begin);
  }

  /** Runs work in a span, which ends with it: with the promise, where it returns one. */
  run<Result>(name: string, start: SpanStart, work: (span: Span) => Result): Result {
    const span = this.start(name, start);
    let result: Result;
    try {
      result = context.with(trace.setSpan(context.active(), span), work, undefined, span);
    } catch (error) {
      endWithError(span, error);
      throw error;
    }
    if (result instanceof Promise) {
      result.then(
        () => span.end(),
        (error: unknown) => endWithError(span, error),
      );
    } else span.end();
    return result;
  }
}

/** Returns the span as a `traceparent` names it. */
export function toTraceParent(span: Span): TraceParent {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, spanId, flags: traceFlags.toString(16).padStart(2, '0') };
}

/** Whether the spans of a trace are recorded where its caller decides. */
export function isSampled({ flags }: TraceParent): boolean {
  return (Number.parseInt(flags, 16) & TraceFlags.SAMPLED) !== 0;
}

/** Ends a span with the kind of an error. Its message may contain what must not leave the process. */
export function endWithError(span: Span, error: unknown): void {
  const isRefusal = error instanceof DomainError;
  span.setAttribute('error.type', isRefusal ? error.code : kindOf(error));
  if (!isRefusal) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function parentContext(parent: TraceParent | null | undefined): Context {
  if (parent === undefined) return context.active();
  if (parent === null) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, toSpanContext(parent));
}

function toSpanContext(parent: TraceParent): SpanContext {
  const { traceId, spanId } = parent;
  const traceFlags = isSampled(parent) ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId, spanId, traceFlags, isRemote: true };
}
