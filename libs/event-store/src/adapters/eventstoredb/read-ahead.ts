import { CLOCK_LEAD_MS } from '../../clock-lead.ts';
import type { RecordedEvent } from '../../envelope.ts';
import { hasReached, type Position } from '../../position.ts';
import type { LogClient } from './log-client.ts';
import { fromPosition, toPosition } from './positions.ts';
import { isInLog, toRecordedEvent } from './records.ts';

/**
 * Reads the events of the log after a position, approximately to its end, in chunks. A read is faster than a
 * subscription, and the server does not drop slow readers. A server that shuts down may end it early without an error.
 *
 * @throws LogClientError
 */
export async function* readAhead(
  client: LogClient,
  after: Position | null,
  signal: AbortSignal,
  clockLeadMs: number = CLOCK_LEAD_MS,
): AsyncGenerator<readonly RecordedEvent[], void> {
  const from = after === null ? 'start' : fromPosition(after);
  let last = after;
  for await (const events of client.readAhead({ from, signal })) {
    const chunk: RecordedEvent[] = [];
    for (const event of events) {
      if (!isInLog(event.stream)) continue;
      const position = toPosition(event.position);
      if (hasReached(last, position)) continue;
      last = position;
      chunk.push(toRecordedEvent(event, position, clockLeadMs));
    }
    if (chunk.length > 0) yield chunk;
  }
}
