import { STREAM_PREFIXES } from '#domain';
import type { SubscriptionMessage } from '../../event-store.ts';
import { hasReached, type Position } from '../../position.ts';
import { LogClientError, type LogClient, type LogFilter, type LogPosition } from './log-client.ts';
import { fromPosition, toPosition } from './positions.ts';
import { isInLog, toRecordedEvent } from './records.ts';

const WHOLE_LOG: LogFilter = { streamPrefixes: STREAM_PREFIXES };

export interface FollowOptions {
  readonly after: Position | null;
  readonly types: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/**
 * The log from a place on and then live, over as many subscriptions of the server as it takes.
 *
 * The server filters by types only on the way to the end: its checkpoints come hundreds of events apart, and
 * whoever waits for a live place to be reached cannot wait for those. From there on everything is sent and
 * filtered here. `caughtUp` is said on that second leg, where the last place is that of the last event. A
 * consumer that the server drops for being slow starts over from its last place.
 *
 * @throws LogClientError when a subscription is lost in any other way
 */
export async function* follow(
  client: LogClient,
  { after, types, signal }: FollowOptions,
): AsyncGenerator<SubscriptionMessage> {
  const selective: LogFilter | null = types?.[0] === undefined ? null : { eventTypes: types };
  let place = after;
  let filter = selective ?? WHOLE_LOG;
  while (!signal.aborted) {
    try {
      const anchor = await anchorEvent(client, place);
      for await (const message of client.subscribe({ after: anchor, filter, signal })) {
        if (message.kind === 'caughtUp') {
          if (filter !== WHOLE_LOG) break;
          yield { kind: 'caughtUp', position: place };
          continue;
        }
        const isEvent = message.kind === 'event';
        const position = toPosition(isEvent ? message.event.position : message.position);
        if (hasReached(place, position)) continue;
        place = position;
        yield isEvent &&
        isInLog(message.event.stream) &&
        types?.includes(message.event.type) !== false
          ? { kind: 'event', event: toRecordedEvent(message.event, position) }
          : { kind: 'checkpoint', position };
      }
      filter = WHOLE_LOG;
    } catch (error) {
      if (!(error instanceof LogClientError) || error.failure !== 'too_slow') throw error;
      filter = selective ?? WHOLE_LOG;
    }
  }
}

/**
 * An event to subscribe after. The server leaves out whatever stands first at the place it is given, in the
 * belief that it has been seen. That holds for an event, but not for a checkpoint between two events, so there
 * it is given the event before.
 */
async function anchorEvent(client: LogClient, place: Position | null): Promise<LogPosition | null> {
  if (place === null) return null;
  const { commit, prepare } = fromPosition(place);
  if (commit === prepare) return { commit, prepare };
  const before = { commit, prepare: commit };
  for await (const event of client.readBackwards({ from: before, limit: 1 })) {
    return event.position;
  }
  return null;
}
