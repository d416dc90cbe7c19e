import type { RecordedEvent } from '../../envelope.ts';
import type { ReadAllOptions, ReadStreamOptions } from '../../event-store.ts';
import { latest, hasReached, type Position } from '../../position.ts';
import { LogClientError, type LogClient, type LogPosition } from './log-client.ts';
import { toPosition } from './positions.ts';
import { readAhead } from './read-ahead.ts';
import { isInLog, toRecordedEvent } from './records.ts';

/** Events per step when looking backwards for the last one of the log. */
const PAGE_EVENTS = 256;

/** Events of one stream, none where it does not exist. */
export async function* readStream(
  client: LogClient,
  stream: string,
  { from = 0, limit = Number.MAX_SAFE_INTEGER }: ReadStreamOptions,
): AsyncGenerator<RecordedEvent> {
  if (limit <= 0) return;
  try {
    const range = { from: BigInt(from), direction: 'forwards', limit } as const;
    for await (const event of client.readStream(stream, range)) yield toRecordedEvent(event);
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'stream_not_found') throw error;
  }
}

/**
 * Events of the log after a place. A server that shuts down may end a read as if it were complete: it must have
 * come as far as the log reached before it began.
 *
 * @param end where the log reached
 * @throws LogClientError when the read ended early
 */
export async function* readAll(
  client: LogClient,
  { after = null, limit = Infinity }: ReadAllOptions,
  end: Position | null,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent> {
  if (limit <= 0) return;
  let place = after;
  let given = 0;
  for await (const events of readAhead(client, after, signal)) {
    for (const event of events) {
      place = event.position;
      yield event;
      given += 1;
      if (given === limit) return;
    }
  }
  if (!hasReached(place, end)) {
    throw new LogClientError('unknown', `The read ended at ${place ?? 'nothing'}, before ${end}`);
  }
}

/** Finds the last event of the log, going backwards no further than where it stood the last time. */
export class LogHead {
  readonly #client: LogClient;
  #position: Position | null = null;

  constructor(client: LogClient) {
    this.#client = client;
  }

  /** The log surely reaches this place. */
  advance(position: Position): void {
    this.#position = latest(this.#position, position);
  }

  async find(): Promise<Position | null> {
    let from: LogPosition | 'end' = 'end';
    for (;;) {
      let seen = 0;
      for await (const { stream, position } of this.#client.readBackwards({
        from,
        limit: PAGE_EVENTS,
      })) {
        const place = toPosition(position);
        if (isInLog(stream)) this.advance(place);
        if (isInLog(stream) || hasReached(this.#position, place)) return this.#position;
        from = position;
        seen += 1;
      }
      if (seen < PAGE_EVENTS) return this.#position;
    }
  }
}
