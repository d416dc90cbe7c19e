import { convertToCommandError, ErrorType, isCommandError } from '@eventstore/db-client';
import { errorMessage } from '#domain';
import { LogClientError, type LogClientFailure } from '../log-client.ts';

/** Messages of refused calls. The client reports their codes also for calls that broke off half-way. */
const NOT_HANDLED =
  /No connection established|ECONNREFUSED|Name resolution failed|Failed to discover|Server Is Not Ready|Server Is Too Busy/;

/** The server's message for a read from a position within a record. */
const WITHIN_A_RECORD = /Unexpected ReadAllResult: Error/;

const TOO_SLOW = /too slow/i;

/**
 * Converts an error of `@eventstore/db-client`, or of a gRPC call that it made. In doubt the failure is `unknown`,
 * never `not_handled`: UNAVAILABLE, CANCELLED and UNKNOWN are also reported when the connection is lost after the
 * server took the request.
 */
export function toLogClientError(thrown: unknown): LogClientError {
  if (thrown instanceof LogClientError) return thrown;
  const error = thrown instanceof Error ? convertToCommandError(thrown) : thrown;
  const message = errorMessage(error);
  if (!(error instanceof Error) || !isCommandError(error)) {
    return new LogClientError(NOT_HANDLED.test(message) ? 'not_handled' : 'unknown', message);
  }
  const text = message === '' ? error.type : message;
  if (error.type === ErrorType.WRONG_EXPECTED_VERSION) {
    return new LogClientError('wrong_revision', text, error.actualVersion);
  }
  return new LogClientError(failureOf(error.type, message), text);
}

function failureOf(type: ErrorType, message: string): LogClientFailure {
  if (TOO_SLOW.test(message)) return 'too_slow';
  switch (type) {
    case ErrorType.STREAM_NOT_FOUND:
      return 'stream_not_found';
    case ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED:
      return 'too_large';
    case ErrorType.ACCESS_DENIED:
      return 'refused';
    case ErrorType.TIMEOUT:
    case ErrorType.DEADLINE_EXCEEDED:
      return 'no_answer';
    case ErrorType.NOT_LEADER:
    case ErrorType.STREAM_DELETED:
      return 'not_handled';
    default:
      if (WITHIN_A_RECORD.test(message)) return 'no_event_there';
      return NOT_HANDLED.test(message) ? 'not_handled' : 'unknown';
  }
}
