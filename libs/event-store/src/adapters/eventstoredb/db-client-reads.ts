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

/** The events of a read as they arrive, until it ends or the signal aborts. */
export async function* readEventsAhead(
  read: StreamingRead<AllStreamResolvedEvent>,
  signal: AbortSignal,
): AsyncGenerator<readonly RawEvent[]> {
  // Where there never was a connection, the loop has the error already.
  const stop = (): void => void read.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    for await (const first of untilLeft(read, () => read.cancel())) {
      if (signal.aborted) return;
      yield [first, ...arrived(read)].flatMap(({ event }) =>
        event === undefined ? [] : [toRawEvent(event)],
      );
    }
  } catch (error) {
    if (!signal.aborted) throw toLogClientError(error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What can be had without a promise for each. */
function* arrived(read: {
  read(): AllStreamResolvedEvent | null;
}): Generator<AllStreamResolvedEvent, void> {
  for (let next = read.read(); next !== null; next = read.read()) yield next;
}

export function toRawEvent(event: RecordedEvent | AllStreamRecordedEvent): RawEvent {
  const { id, streamId, type, revision, position, data, metadata } = event;
  if (position === undefined) {
    throw new LogClientError('unknown', 'The server tells no positions: it is too old');
  }
  return { id, stream: streamId, type, revision, position, data, metadata };
}
