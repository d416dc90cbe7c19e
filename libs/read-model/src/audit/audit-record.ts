import type { AuditedEvent } from './effective-times.ts';
import { traceIdOf } from './trace-id.ts';

/** An event as a flat row, for spreadsheets and log stores. Null if a column does not apply. */
export interface AuditRecord {
  readonly time: string;
  readonly effective_time: string;
  readonly service_sid: string | null;
  readonly user_sid: string | null;
  readonly identity: string | null;
  readonly type: string;
  /** Why a Connection closed. */
  readonly cause: string | null;
  readonly actor: string;
  readonly correlation_id: string;
  readonly causation_id: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  /** IP address of the REST client, or the machine of the CLI. */
  readonly source: string | null;
  /** Trace in which the command was handled, 32 hex digits. */
  readonly trace_id: string | null;
}

export const AUDIT_COLUMNS = [
  'time',
  'effective_time',
  'service_sid',
  'user_sid',
  'identity',
  'type',
  'cause',
  'actor',
  'correlation_id',
  'causation_id',
  'position',
  'stream',
  'revision',
  'id',
  'source',
  'trace_id',
] as const satisfies readonly (keyof AuditRecord)[];

/** @param identity of the event's User; null for an event of a Service or node */
export function auditRecord(
  { recorded, effectiveAt, event }: AuditedEvent,
  identity: string | null,
): AuditRecord {
  const { metadata } = recorded;
  return {
    time: metadata.occurredAt,
    effective_time: effectiveAt,
    service_sid: 'serviceSid' in event.data ? event.data.serviceSid : null,
    user_sid: 'userSid' in event.data ? event.data.userSid : null,
    identity,
    type: recorded.type,
    cause: event.type === 'ConnectionClosed' ? event.data.cause : null,
    actor: metadata.actor,
    correlation_id: metadata.correlationId,
    causation_id: metadata.causationId,
    position: recorded.position,
    stream: recorded.stream,
    revision: recorded.revision,
    id: recorded.id,
    source: metadata.source ?? null,
    trace_id: traceIdOf(metadata),
  };
}
