import { TraceFlags, type Span } from '@opentelemetry/api';
import {
  commandSpanId,
  toRecordedTrace,
  type CommandContext,
  type CommandTracer,
} from '#event-store';
import { toTraceParent, type Tracing } from './tracing.ts';

/**
 * Handles each command in a span of its own. Where the span is recorded, the metadata of the command's events name its
 * trace, and the span's id derives from the command: so the spans of whoever follows the log become its children.
 */
export function commandTracer(tracing: Tracing): CommandTracer {
  return (type, stream, commandContext, handle) =>
    tracing.run(
      `command ${type}`,
      {
        attributes: { 'reachability.stream': stream },
        spanId: commandSpanId(commandContext.commandId),
      },
      (span) => handle(traced(commandContext, span)),
    );
}

/** A trace that nobody records is not worth its place in the log, unless the caller named it. */
function traced(commandContext: CommandContext, span: Span): CommandContext {
  const isRecorded = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
  return isRecorded
    ? { ...commandContext, trace: toRecordedTrace(toTraceParent(span)) }
    : commandContext;
}
