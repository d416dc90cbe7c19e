import { CLOCK_LEAD_MS } from '../../clock-lead.ts';
import type { RecordedEvent } from '../../envelope.ts';
import type { ReadAllOptions, ReadStreamOptions } from '../../event-store.ts';
import { latest, hasReached, type Position } from '../../position.ts';
import { LogClientError, type LogClient, type LogPosition } from './log-client.ts';
import { fromPosition, toPosition } from './positions.ts';
import { readAhead } from './read-ahead.ts';
import { isInLog, toRecordedEvent } from './records.ts';

/** Events per page in a backward search for the last event of the log. */
const PAGE_EVENTS = 256;

/** Reads the events of one stream in the asked order; none if it does not exist. */
export async function* readStream(
  client: LogClient,
  stream: string,
  { from, limit = Number.MAX_SAFE_INTEGER, backwards = false }: ReadStreamOptions,
  clockLeadMs: number = CLOCK_LEAD_MS,
): AsyncGenerator<RecordedEvent> {
  if (limit <= 0) return;
  try {
    const range = {
      from: from === undefined ? (backwards ? 'end' : 'start') : BigInt(from),
      direction: backwards ? 'backwards' : 'forwards',
      limit,
    } as const;
    for await (const event of client.readStream(stream, range)) {
      yield toRecordedEvent(event, undefined, clockLeadMs);
    }
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'stream_not_found') throw error;
  }
}

/**
 * Reads the events of the log after a position. A server that shuts down may end a read as if it were complete, so
 * the read must reach the head that the log had before it began.
 *
 * @param head of the log before the read
 * @throws LogClientError when the read ends before `head`
 */
export async function* readAll(
  client: LogClient,
  { after = null, limit = Infinity }: ReadAllOptions,
  head: Position | null,
  signal: AbortSignal,
  clockLeadMs: number = CLOCK_LEAD_MS,
): AsyncGenerator<RecordedEvent> {
  if (limit <= 0) return;
  let position = after;
  let given = 0;
  for await (const events of readAhead(client, after, signal, clockLeadMs)) {
    for (const event of events) {
      position = event.position;
      yield event;
      given += 1;
      if (given === limit) return;
    }
  }
  if (!hasReached(position, head)) {
    throw new LogClientError(
      'unknown',
      `The read ended at ${position ?? 'nothing'}, before ${head}`,
    );
  }
}

/** Id of the event at a position; null if there is none, or it is not of the log. */
export async function eventIdAt(client: LogClient, position: Position): Promise<string | null> {
  const from = fromPosition(position);
  const { signal } = new AbortController();
  try {
    for await (const [first] of client.readAhead({ from, signal })) {
      const isFound = first !== undefined && toPosition(first.position) === position;
      return isFound && isInLog(first.stream) ? first.id : null;
    }
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'no_event_there') throw error;
  }
  return null;
}

/** Finds the last event of the log. A search goes back no further than the last known head. */
export class LogHead {
  readonly #client: LogClient;
  #position: Position | null = null;

  constructor(client: LogClient) {
    this.#client = client;
  }

  /** Call it when the log is known to reach `position`. */
  advance(position: Position): void {
    this.#position = latest(this.#position, position);
  }

  /** Position of the last event, null while the log is empty. */
  async find(): Promise<Position | null> {
    let from: LogPosition | 'end' = 'end';
    for (;;) {
      let seen = 0;
      for await (const { stream, position } of this.#client.readBackwards({
        from,
        limit: PAGE_EVENTS,
      })) {
        const found = toPosition(position);
        if (isInLog(stream)) this.advance(found);
        if (isInLog(stream) || hasReached(this.#position, found)) return this.#position;
        from = position;
        seen += 1;
      }
      if (seen < PAGE_EVENTS) return this.#position;
    }
  }
}
