import type { RecordedEvent } from '../../envelope.ts';
import { hasReached, type Position } from '../../position.ts';
import type { LogClient } from './log-client.ts';
import { fromPosition, toPosition } from './positions.ts';
import { isInLog, toRecordedEvent } from './records.ts';

/**
 * Events of the log after a place, to about its end, in chunks. Reading is faster than subscribing, and the server
 * drops nobody for reading slowly. A server that shuts down may end it early as if that were the end.
 *
 * @throws LogClientError
 */
export async function* readAhead(
  client: LogClient,
  after: Position | null,
  signal: AbortSignal,
): AsyncGenerator<readonly RecordedEvent[], void> {
  const from = after === null ? 'start' : fromPosition(after);
  let place = after;
  for await (const events of client.readAhead({ from, signal })) {
    const read: RecordedEvent[] = [];
    for (const event of events) {
      if (!isInLog(event.stream)) continue;
      const position = toPosition(event.position);
      if (hasReached(place, position)) continue;
      place = position;
      read.push(toRecordedEvent(event, position));
    }
    if (read.length > 0) yield read;
  }
}
