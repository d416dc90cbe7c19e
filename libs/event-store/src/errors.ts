import type { Position } from './position.ts';

/** Base of what an event store refuses or fails at; `code` is stable. */
export abstract class EventStoreError extends Error {
  abstract readonly code: string;
}

/** Somebody else appended to the stream first (or an expected stream is not there). Nothing was written. */
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

/** Where an event stands, and of what type it says it is. */
export interface EventPlace {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly type: string;
}

/** A record of the log that does not have the shape of an event. */
export class UnreadableEventError extends EventStoreError {
  override readonly name = 'UnreadableEventError';
  readonly code = 'EVENT.INVALID';
  readonly place: EventPlace;

  /** @param what is wrong, such as "data that is not JSON" */
  constructor(place: EventPlace, what: string, options?: ErrorOptions) {
    const { type, stream, revision, position } = place;
    super(
      `${type} at revision ${revision} of ${stream} (position ${position}) has ${what}`,
      options,
    );
    this.place = place;
  }
}
