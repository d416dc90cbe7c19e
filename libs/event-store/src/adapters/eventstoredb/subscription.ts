import { STREAM_PREFIXES } from '#domain';
import { CLOCK_LEAD_MS } from '../../clock-lead.ts';
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
  /** See `markClockLead`. */
  readonly clockLeadMs?: number;
}

/**
 * Delivers the log from a position on, then live, over one server subscription after another.
 *
 * With a type filter there are two phases. Up to the end of the log the server filters. Its checkpoints are hundreds
 * of events apart, too far for a consumer that waits for a live position. So from there on the server sends
 * everything and this function filters. `caughtUp` is delivered in the second phase, where the last position is that
 * of the last event. If the server drops the subscription because the consumer is slow, it is resumed from the last
 * position.
 *
 * @throws LogClientError when a subscription is lost for any other reason
 */
export async function* follow(
  client: LogClient,
  { after, types, signal, clockLeadMs = CLOCK_LEAD_MS }: FollowOptions,
): AsyncGenerator<SubscriptionMessage> {
  const selective: LogFilter | null = types?.[0] === undefined ? null : { eventTypes: types };
  let last = after;
  let filter = selective ?? WHOLE_LOG;
  while (!signal.aborted) {
    try {
      const anchor = await anchorEvent(client, last);
      for await (const message of client.subscribe({ after: anchor, filter, signal })) {
        if (message.kind === 'caughtUp') {
          if (filter !== WHOLE_LOG) break;
          yield { kind: 'caughtUp', position: last };
          continue;
        }
        const isEvent = message.kind === 'event';
        const position = toPosition(isEvent ? message.event.position : message.position);
        if (hasReached(last, position)) continue;
        last = position;
        yield isEvent &&
        isInLog(message.event.stream) &&
        types?.includes(message.event.type) !== false
          ? { kind: 'event', event: toRecordedEvent(message.event, position, clockLeadMs) }
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
 * Position of an event to subscribe after. The server skips the first event at the position it is given, on the
 * assumption that it has been seen. That is wrong for a checkpoint between two events, so for a checkpoint this is
 * the position of the event before it.
 */
async function anchorEvent(
  client: LogClient,
  position: Position | null,
): Promise<LogPosition | null> {
  if (position === null) return null;
  const { commit, prepare } = fromPosition(position);
  if (commit === prepare) return { commit, prepare };
  const before = { commit, prepare: commit };
  for await (const event of client.readBackwards({ from: before, limit: 1 })) {
    return event.position;
  }
  return null;
}
