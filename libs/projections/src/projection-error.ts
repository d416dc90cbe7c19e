import { errorMessage } from '#domain';
import type { RecordedEvent } from '#event-store';
import { formatEventRef } from './dead-letter.ts';

/** An event could not be folded. */
export class ProjectionError extends Error {
  override readonly name = 'ProjectionError';
  readonly code = 'PROJECTION.FAILED';
  readonly event: Pick<RecordedEvent, 'stream' | 'revision' | 'position' | 'type'>;

  constructor(projection: string, event: RecordedEvent, cause: unknown) {
    const reason = errorMessage(cause);
    super(
      `${projection} cannot fold ${event.type} at ${formatEventRef(event)} (position ${event.position}): ${reason}`,
      { cause },
    );
    const { stream, revision, position, type } = event;
    this.event = { stream, revision, position, type };
  }
}
