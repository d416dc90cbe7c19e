import { describeEvent, type AuditedEvent } from '#read-model';
import { printable } from '../io/words.ts';

/** An event as evidence in JSON. */
export function evidenceJson({ recorded, effectiveAt }: AuditedEvent) {
  const { stream, revision, position, id, type, data, metadata } = recorded;
  return {
    time: effectiveAt,
    occurred_at: metadata.occurredAt,
    type,
    cause: 'cause' in data && typeof data.cause === 'string' ? data.cause : null,
    actor: metadata.actor,
    correlation_id: metadata.correlationId,
    causation_id: metadata.causationId,
    stream,
    revision,
    position,
    id,
    data,
  };
}

/** An event as evidence for people: what happened, then who did it and where it stands. */
export function evidenceText({ recorded, effectiveAt, event }: AuditedEvent): string {
  const { stream, revision, position, metadata } = recorded;
  const clock =
    metadata.occurredAt === effectiveAt ? '' : `, by its writer's clock ${metadata.occurredAt}`;
  return [
    `  ${effectiveAt}  ${describeEvent(event)}`,
    `      by ${printable(metadata.actor)}, correlation ${printable(metadata.correlationId)}${clock}`,
    `      ${stream}@${revision}, position ${position}`,
  ].join('\n');
}
