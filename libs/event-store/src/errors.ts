import type { RecordedEvent } from './envelope.ts';

/** Base of the errors of an event store; `code` is stable. */
export abstract class EventStoreError extends Error {
  abstract readonly code: string;
}

/** Another writer appended to the stream first, or an expected stream does not exist. Nothing was written. */
export class WrongExpectedRevisionError extends EventStoreError {
  override readonly name = 'WrongExpectedRevisionError';
  readonly code = 'EVENT_STORE.WRONG_EXPECTED_REVISION';
  readonly stream: string;

  constructor(stream: string, expected: number | 'no_stream', actual: number | 'no_stream') {
    super(`Stream ${stream} is at ${actual}, expected ${expected}`);
    this.stream = stream;
  }
}

/** The append may or may not be in the log. Repeating it unchanged is safe. */
export class AppendOutcomeUnknownError extends EventStoreError {
  override readonly name = 'AppendOutcomeUnknownError';
  readonly code = 'EVENT_STORE.OUTCOME_UNKNOWN';
}

/** The store cannot be reached, or has been closed. Nothing was written. */
export class EventStoreUnavailableError extends EventStoreError {
  override readonly name = 'EventStoreUnavailableError';
  readonly code = 'EVENT_STORE.UNAVAILABLE';
}

/**
 * The store cannot be written at present: the disk is full or fails, the file is read-only, or another process holds
 * its lock. Nothing was written, and a retry within a second does not help.
 */
export class EventStoreUnwritableError extends EventStoreError {
  override readonly name = 'EventStoreUnwritableError';
  readonly code = 'EVENT_STORE.UNWRITABLE';
}

/** A newer program has written the log in a format that this one does not know. Nothing was written. */
export class NewerLogError extends EventStoreError {
  override readonly name = 'NewerLogError';
  readonly code = 'EVENT_STORE.NEWER';
}

/** The settings of a connection to the store are wrong. Waiting does not help. */
export class InvalidConnectionStringError extends EventStoreError {
  override readonly name = 'InvalidConnectionStringError';
  readonly code = 'EVENT_STORE.INVALID_CONNECTION_STRING';
}

/** Where an event is in the log, and its type. */
export type EventLocation = Pick<RecordedEvent, 'stream' | 'revision' | 'position' | 'type'>;

/** A record in the log that does not have the shape of an event. */
export class UnreadableEventError extends EventStoreError {
  override readonly name = 'UnreadableEventError';
  readonly code = 'EVENT.INVALID';
  readonly location: EventLocation;

  /** @param problem such as "data that is not JSON" */
  constructor(location: EventLocation, problem: string, options?: ErrorOptions) {
    const { type, stream, revision, position } = location;
    super(
      `${type} at revision ${revision} of ${stream} (position ${position}) has ${problem}`,
      options,
    );
    this.location = location;
  }
}
