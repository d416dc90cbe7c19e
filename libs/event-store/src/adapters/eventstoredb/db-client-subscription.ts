import {
  eventTypeFilter,
  START,
  streamNameFilter,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { toLogClientError } from './db-client-errors.ts';
import { toRawEvent } from './db-client-reads.ts';
import {
  LogClientError,
  type LogPosition,
  type RawMessage,
  type SubscribeRange,
} from './log-client.ts';
import { iterateCall } from './iterate-call.ts';

/** Events that the server looks at between two checkpoints, whether they pass the filter or not. */
const SEARCH_WINDOW = 512;

/** Stands in the stream of events for what the client only tells by a callback. */
class Marker {
  readonly message: RawMessage;

  constructor(message: RawMessage) {
    this.message = message;
  }
}

/**
 * Callbacks run ahead of the events that wait in the stream's buffer, so each only puts a marker behind them, and
 * what it says is heard when the loop comes to it. Nothing here may throw: inside a callback that would stop the
 * subscription without a word.
 */
export async function* subscribe(
  client: Pick<EventStoreDBClient, 'subscribeToAll'>,
  { after, filter, signal }: SubscribeRange,
): AsyncGenerator<RawMessage> {
  if (signal.aborted) return;
  const mark = (message: RawMessage) => {
    if (!subscription.destroyed && !subscription.readableEnded) {
      subscription.push(new Marker(message));
    }
  };
  const window = {
    maxSearchWindow: SEARCH_WINDOW,
    checkpointInterval: 1,
    checkpointReached: (_: unknown, position: LogPosition) =>
      mark({ kind: 'checkpoint', position }),
  };
  const subscription = client.subscribeToAll({
    fromPosition: after ?? START,
    filter:
      'streamPrefixes' in filter
        ? streamNameFilter({ ...window, prefixes: [...filter.streamPrefixes] })
        : eventTypeFilter({ ...window, prefixes: [...filter.eventTypes] }),
  });
  subscription.on('caughtUp', () => mark({ kind: 'caughtUp' }));
  const unsubscribe = () => subscription.unsubscribe();
  // Where there never was a connection, the loop has the error already.
  const stop = () => void unsubscribe().catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    for await (const item of iterateCall(subscription, unsubscribe)) {
      if (isAborted(signal)) return;
      if (item instanceof Marker) yield item.message;
      else if (item.event !== undefined) yield { kind: 'event', event: toRawEvent(item.event) };
    }
  } catch (error) {
    if (isAborted(signal)) return;
    throw toLogClientError(error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (!isAborted(signal)) {
    throw new LogClientError('not_handled', 'The server ended the subscription');
  }
}

/** A signal may be aborted while the generator waits, which the compiler does not expect of a property. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
