import type { NewEvent } from '../envelope.ts';
import type { StreamAppend } from '../event-store.ts';
import type { FileEvent } from './read-file.ts';

interface OpenAppend extends StreamAppend {
  readonly events: NewEvent[];
}

/**
 * Groups the events of a file, after the first `skip`, into appends. Consecutive events of one command on one stream
 * were one append, and become one append again.
 */
export async function* groupIntoAppends(
  events: AsyncIterable<FileEvent>,
  skip: number,
): AsyncGenerator<StreamAppend> {
  let left = skip;
  let growing: OpenAppend | undefined;
  for await (const { event } of events) {
    if (left > 0) {
      left -= 1;
      continue;
    }
    const { stream, revision, id, type, schemaVersion, data, metadata } = event;
    const newEvent = { id, type, schemaVersion, data, metadata };
    if (growing !== undefined && isSameCommand(newEvent, stream, growing)) {
      growing.events.push(newEvent);
      continue;
    }
    if (growing !== undefined) yield growing;
    const expectedRevision = revision === 0 ? 'no_stream' : revision - 1;
    growing = { stream, expectedRevision, events: [newEvent] };
  }
  if (growing !== undefined) yield growing;
}

function isSameCommand({ metadata }: NewEvent, stream: string, append: OpenAppend): boolean {
  return (
    append.stream === stream && append.events.at(-1)?.metadata.causationId === metadata.causationId
  );
}
