import type {
  AllStreamRecordedEvent,
  AllStreamResolvedEvent,
  RecordedEvent,
  ResolvedEvent,
  StreamingRead,
} from '@eventstore/db-client';
import { readBatches, type PausableStream } from './read-batches.ts';
import { toLogClientError } from './db-client-errors.ts';
import { LogClientError, type LogPosition, type RawEvent } from '../log-client.ts';
import { iterateCall } from './iterate-call.ts';
import { encodeReadAllRequest } from './wire/read-all-request.ts';
import { decodeReadAnswer } from './wire/read-answer.ts';

/** A pending call: a stream of its answers as bytes, until it ends or is cancelled. */
export interface ReadCall extends PausableStream<Buffer> {
  cancel(): void;
}

/** A client that starts reads whose answers are not decoded. */
interface RawReads {
  readRaw(request: Buffer): Promise<ReadCall>;
}

/**
 * Reads events, and converts errors to LogClientError.
 *
 * @param limitMs milliseconds without the next event after which the read fails
 */
export async function* readEvents(
  read: StreamingRead<ResolvedEvent | AllStreamResolvedEvent>,
  limitMs: number,
): AsyncGenerator<RawEvent> {
  try {
    for await (const { event } of iterateCall(read, () => read.cancel(), limitMs)) {
      if (event !== undefined) yield toRawEvent(event);
    }
  } catch (error) {
    throw toLogClientError(error);
  }
}

/** Reads the log from a position on, in batches as they arrive, with a decoder of its own: see docs/decisions/0022. */
export async function* readEventsAhead(
  client: RawReads,
  from: LogPosition | 'start',
  signal: AbortSignal,
  limitMs: number,
): AsyncGenerator<readonly RawEvent[]> {
  if (signal.aborted) return;
  try {
    const call = await client.readRaw(encodeReadAllRequest(from));
    try {
      for await (const answers of readBatches(call, signal, limitMs)) {
        const events = answers.map(decodeReadAnswer).filter((event) => event !== null);
        if (events.length > 0) yield events;
      }
    } finally {
      call.cancel();
      // A call frees its memory only when its last answer has been read.
      call.resume();
    }
  } catch (error) {
    if (!isAborted(signal)) throw toLogClientError(error);
  }
}

export function toRawEvent(event: RecordedEvent | AllStreamRecordedEvent): RawEvent {
  const { id, streamId, type, revision, position, created, data, metadata } = event;
  if (position === undefined) {
    throw new LogClientError('unknown', 'The server sends no positions: its version is too old');
  }
  return {
    id,
    stream: streamId,
    type,
    revision,
    position,
    created: created.getTime(),
    data,
    metadata,
  };
}

/** True once aborted. As a call, because the compiler assumes that the property does not change during a wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
