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
} from '../log-client.ts';
import { iterateCall } from './iterate-call.ts';

/** Events that the server examines between two checkpoints, whether or not they pass the filter. */
const SEARCH_WINDOW = 512;

/** Marks the place in the stream of events at which the client called a callback. */
class Marker {
  readonly message: RawMessage;

  constructor(message: RawMessage) {
    this.message = message;
  }
}

/**
 * Subscribes to the log; messages come in log order. The client calls its callbacks ahead of the events in the
 * stream's buffer, so each callback only appends a marker to that buffer, and its message is delivered when the loop
 * reaches the marker. A callback must not throw: that would stop the subscription silently.
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
  // If there never was a connection, the loop already has the error.
  const stop = () => void unsubscribe().catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    for await (const item of iterateCall(subscription, unsubscribe, Infinity)) {
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

/** True once aborted. As a call, because the compiler assumes that the property does not change during a wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
