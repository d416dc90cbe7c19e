import {
  backOff,
  EventStoreUnavailableError,
  type EventStore,
  type Position,
  type RecordedEvent,
  type RetryPolicy,
} from '#event-store';
import { lineOf } from '../cli-error.ts';
import type { CommandIo } from '../io/command-io.ts';

const RETRY: RetryPolicy = { attempts: Infinity, baseMs: 50, capMs: 5_000 };

/**
 * What comes into the log after a place, until the command is interrupted. A lost connection is mentioned, and
 * taken up again from the last event that was delivered.
 */
export async function* follow(
  io: CommandIo,
  log: EventStore,
  start: Position | null,
): AsyncGenerator<RecordedEvent> {
  let after = start;
  let failures = 0;
  while (!io.signal.aborted) {
    try {
      for await (const message of log.subscribe({ after, signal: io.signal })) {
        failures = 0;
        if (message.kind !== 'event') continue;
        after = message.event.position;
        yield message.event;
      }
    } catch (error) {
      if (!(error instanceof EventStoreUnavailableError)) throw error;
      if (failures === 0) io.note(`${lineOf(error)}; trying again\n`);
      failures += 1;
      await backOff(RETRY, failures, io.signal);
    }
  }
}
