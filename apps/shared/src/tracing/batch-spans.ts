import type { RecordedEvent } from '#event-store';
import type { RunnerOptions } from '#projections';
import { recordedSpanOf } from './recorded-span.ts';
import type { Tracing } from './tracing.ts';

/**
 * Shows each written batch of a projection as a span, which is a trace of its own and links to the commands whose events it
 * has. A batch without a recorded command has no span.
 */
export function batchSpans(
  tracing: Tracing,
  projection: string,
): NonNullable<RunnerOptions['onCommitted']> {
  return (events, startedAt) => {
    const links = events.flatMap(({ metadata }) => recordedSpanOf(metadata) ?? []);
    if (links.length > 0) {
      tracing
        .start(`project ${projection}`, {
          parent: null,
          links,
          startTime: startedAt,
          attributes: attributesOf(projection, events),
        })
        .end();
    }
  };
}

function attributesOf(projection: string, events: readonly RecordedEvent[]) {
  const position = events.at(-1)?.position;
  return {
    'reachability.projection': projection,
    'reachability.events': events.length,
    ...(position === undefined ? {} : { 'reachability.position': position }),
  };
}
