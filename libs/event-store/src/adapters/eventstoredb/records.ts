import { STREAM_PREFIXES } from '#domain';
import type { EventMetadata, NewEvent, RecordedEvent } from '../../envelope.ts';
import { UnreadableEventError } from '../../errors.ts';
import type { Position } from '../../position.ts';
import type { RawEvent, RawNewEvent } from './log-client.ts';
import { toPosition } from './positions.ts';

/** Whether a stream belongs to the log, and not to snapshots, the system, or another program. */
export function isInLog(stream: string): boolean {
  return STREAM_PREFIXES.some((prefix) => stream.startsWith(prefix));
}

/** Correlation and causation have the names that the server's own projections look for. */
export function toRawNewEvent({ id, type, schemaVersion, data, metadata }: NewEvent): RawNewEvent {
  const { occurredAt, correlationId, causationId, actor } = metadata;
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
    },
  };
}

/**
 * The client hands out JSON that it cannot parse as a string, and other content as bytes, without a word; so
 * nothing is taken for an event before it has the shape of one.
 *
 * @param position of the event, for those who know it already
 * @throws UnreadableEventError
 */
export function toRecordedEvent(
  raw: RawEvent,
  position: Position = toPosition(raw.position),
): RecordedEvent {
  const { id, type, stream, data } = raw;
  const revision = Number(raw.revision);
  const header = isRecord(raw.metadata) ? toHeader(raw.metadata) : null;
  if (!isRecord(data) || header === null) {
    const what = isRecord(data) ? 'metadata' : 'data';
    throw new UnreadableEventError(
      { stream, revision, position, type },
      `${what} of another shape`,
    );
  }
  return { id, type, data, ...header, stream, revision, position };
}

function toHeader(
  metadata: Record<string, unknown>,
): { schemaVersion: number; metadata: EventMetadata } | null {
  const {
    schemaVersion,
    occurredAt,
    actor,
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
  return { schemaVersion, metadata: { occurredAt, correlationId, causationId, actor } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}
