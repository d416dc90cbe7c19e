import { describeEvent, traceIdOf, type AuditedEvent } from '#read-model';
import { printable } from '../io/text.ts';

/** Returns an event as evidence in text: the fact, its actor, and its place in the log. */
export function evidenceText({ recorded, effectiveAt, event }: AuditedEvent): string {
  const { stream, revision, position, metadata } = recorded;
  const { source } = metadata;
  const from = source === undefined ? '' : ` from ${printable(source)}`;
  const traceId = traceIdOf(metadata);
  const trace = traceId === null ? '' : `, trace ${printable(traceId)}`;
  const clock =
    metadata.occurredAt === effectiveAt ? '' : `; the writer's clock said ${metadata.occurredAt}`;
  return [
    `  ${effectiveAt}  ${describeEvent(event)}`,
    `      by ${printable(metadata.actor)}${from}, correlation ${printable(metadata.correlationId)}${trace}${clock}`,
    `      ${stream}@${revision}, position ${position}`,
  ].join('\n');
}
