import {
  backOff,
  EventStoreUnavailableError,
  OUTAGE_RETRY,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '#event-store';
import { errorLine } from '../cli-error.ts';
import type { CommandIo } from '../io/command-io.ts';

/**
 * Yields the events after a position as they are appended, until the command is interrupted. After a lost connection
 * it prints a line and subscribes again after the last event that it yielded.
 */
export async function* followLog(
  io: CommandIo,
  log: EventStore,
  from: Position | null,
): AsyncGenerator<RecordedEvent> {
  let after = from;
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
      if (failures === 0) io.note(`${errorLine(error)}; retrying\n`);
      failures += 1;
      await backOff(OUTAGE_RETRY, failures, io.signal);
    }
  }
}
