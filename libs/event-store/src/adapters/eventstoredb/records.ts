import { STREAM_PREFIXES } from '#domain';
import { CLOCK_LEAD_MS, markClockLead } from '../../clock-lead.ts';
import type { EventMetadata, NewEvent, RecordedEvent } from '../../envelope.ts';
import { UnreadableEventError } from '../../errors.ts';
import type { Position } from '../../position.ts';
import type { RawEvent, RawNewEvent } from './log-client.ts';
import { toPosition } from './positions.ts';

/** True for a stream of the log; false for snapshots, system streams and streams of other programs. */
export function isInLog(stream: string): boolean {
  return STREAM_PREFIXES.some((prefix) => stream.startsWith(prefix));
}

/** Converts an event for the server. Correlation and causation ids get the names that the server's projections use. */
export function toRawNewEvent({ id, type, schemaVersion, data, metadata }: NewEvent): RawNewEvent {
  const { occurredAt, correlationId, causationId, actor, source, trace, recordedAt } = metadata;
  return {
    id,
    type,
    data,
    metadata: {
      schemaVersion,
      occurredAt,
      actor,
      $correlationId: correlationId,
      $causationId: causationId,
      ...(source === undefined ? {} : { source }),
      ...(trace === undefined ? {} : { trace }),
      ...(recordedAt === undefined ? {} : { recordedAt }),
    },
  };
}

/**
 * Converts a raw event, and checks its shape: the client returns JSON that it cannot parse as a string, and other
 * content as bytes, without an error.
 *
 * @param position of the event, if the caller has already computed it
 * @param clockLeadMs the bound beyond which an event counts as of the server's time, in milliseconds
 * @throws UnreadableEventError
 */
export function toRecordedEvent(
  raw: RawEvent,
  position: Position = toPosition(raw.position),
  clockLeadMs: number = CLOCK_LEAD_MS,
): RecordedEvent {
  const { id, type, stream, data } = raw;
  const revision = Number(raw.revision);
  const header = isRecord(raw.metadata) ? toHeader(raw.metadata) : null;
  if (!isRecord(data) || header === null) {
    const part = isRecord(data) ? 'metadata' : 'data';
    throw new UnreadableEventError(
      { stream, revision, position, type },
      `${part} of another shape`,
    );
  }
  const metadata =
    raw.created === 0 ? header.metadata : markClockLead(header.metadata, raw.created, clockLeadMs);
  return { id, type, data, ...header, metadata, stream, revision, position };
}

function toHeader(
  metadata: Record<string, unknown>,
): { schemaVersion: number; metadata: EventMetadata } | null {
  const {
    schemaVersion,
    occurredAt,
    actor,
    source,
    trace,
    recordedAt,
    $correlationId: correlationId,
    $causationId: causationId,
  } = metadata;
  if (
    typeof schemaVersion !== 'number' ||
    typeof occurredAt !== 'string' ||
    typeof correlationId !== 'string' ||
    typeof causationId !== 'string' ||
    typeof actor !== 'string'
  ) {
    return null;
  }
  const optional = {
    ...(typeof source === 'string' ? { source } : {}),
    ...(typeof trace === 'string' ? { trace } : {}),
    ...(typeof recordedAt === 'string' ? { recordedAt } : {}),
  };
  return {
    schemaVersion,
    metadata: { occurredAt, correlationId, causationId, actor, ...optional },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}
