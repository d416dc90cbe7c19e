import type {
  AllStreamRecordedEvent,
  AllStreamResolvedEvent,
  RecordedEvent,
  ResolvedEvent,
  StreamingRead,
} from '@eventstore/db-client';
import { toLogClientError } from './db-client-errors.ts';
import { LogClientError, type RawEvent } from './log-client.ts';
import { untilLeft } from './until-left.ts';

/** The events of a read, with errors in our words. */
export async function* readEvents(
  read: StreamingRead<ResolvedEvent | AllStreamResolvedEvent>,
): AsyncGenerator<RawEvent> {
  try {
    for await (const { event } of untilLeft(read, () => read.cancel())) {
      if (event !== undefined) yield toRawEvent(event);
    }
  } catch (error) {
    throw toLogClientError(error);
  }
}

export function toRawEvent(event: RecordedEvent | AllStreamRecordedEvent): RawEvent {
  const { id, streamId, type, revision, position, data, metadata } = event;
  if (position === undefined) {
    throw new LogClientError('unknown', 'The server tells no positions: it is too old');
  }
  return { id, stream: streamId, type, revision, position, data, metadata };
}
