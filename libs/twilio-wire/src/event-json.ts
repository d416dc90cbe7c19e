import { maskPasswords } from '#domain';
import {
  describeEvent,
  traceIdOf,
  type AuditedEvent,
  type Evidence,
  type ReadEvent,
} from '#read-model';

/** Returns the JSON of an event of the log, in words as well, without passwords in URLs. */
export function eventJson({ recorded, event }: ReadEvent) {
  const { stream, revision, position, id, type, data, metadata } = recorded;
  return {
    occurred_at: metadata.occurredAt,
    type,
    description: describeEvent(event),
    cause: event.type === 'ConnectionClosed' ? event.data.cause : null,
    actor: metadata.actor,
    source: metadata.source ?? null,
    correlation_id: metadata.correlationId,
    causation_id: metadata.causationId,
    trace_id: traceIdOf(metadata),
    stream,
    revision,
    position,
    id,
    data: maskPasswords(data),
  };
}

/** Returns the JSON of an event whose effective time is known. */
export function auditedEventJson(audited: AuditedEvent) {
  return { time: audited.effectiveAt, ...eventJson(audited) };
}

/** Returns the JSON of events that led to an answer, each with its effect on it. */
export function evidenceJson(events: readonly Evidence[]) {
  return events.map((event) => ({ because: event.because, ...auditedEventJson(event) }));
}
