import type { EventMetadata } from '../envelope.ts';
import type { FileEvent } from './read-file.ts';

/**
 * Marks the events of a file whose times are ahead of `now` by more than the bound, and which their store could not
 * mark: they count as of the latest time before them in the file. A mark of the moment of the import would move the
 * events after them, too.
 *
 * @param now milliseconds since 1970
 * @param clockLeadMs the bound, in milliseconds
 */
export async function* markFutureEvents(
  events: AsyncIterable<FileEvent>,
  now: number,
  clockLeadMs: number,
): AsyncGenerator<FileEvent> {
  const limit = new Date(now + clockLeadMs).toISOString();
  let latest = '';
  for await (const item of events) {
    const { metadata } = item.event;
    const marked = mark(metadata, limit, latest === '' ? new Date(now).toISOString() : latest);
    const { recordedAt = marked.occurredAt } = marked;
    if (recordedAt > latest) latest = recordedAt;
    yield marked === metadata ? item : { ...item, event: { ...item.event, metadata: marked } };
  }
}

function mark(metadata: EventMetadata, limit: string, recordedAt: string): EventMetadata {
  const isMarked = metadata.recordedAt !== undefined;
  return isMarked || metadata.occurredAt <= limit ? metadata : { ...metadata, recordedAt };
}
