import { SpanKind } from '@opentelemetry/api';
import { recordedSpanOf } from '#shared/tracing/recorded-span';
import type { Tracing } from '#shared/tracing/tracing';
import type { LogEvent } from './log-feed.ts';

/** Publishes the change of an event in a span, the child of that of its command, if that one is recorded. */
export function inPushSpan(
  tracing: Tracing,
  { event, position, metadata }: LogEvent,
  watchers: number,
  publish: () => Promise<void> | undefined,
): Promise<void> | undefined {
  const parent = recordedSpanOf(metadata);
  if (parent === null) return publish();
  const attributes = { 'reachability.position': position, 'reachability.watchers': watchers };
  return tracing.run(
    `push ${event.type}`,
    { kind: SpanKind.PRODUCER, parent, attributes },
    publish,
  );
}
