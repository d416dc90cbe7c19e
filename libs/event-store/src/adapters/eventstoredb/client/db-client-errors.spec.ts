import { describe, expect, it } from '@jest/globals';
import {
  AccessDeniedError,
  CancelledError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  StreamNotFoundError,
  TimeoutError,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { toLogClientError } from './db-client-errors.ts';
import { LogClientError } from '../log-client.ts';

const refused = '14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED';

describe('an error of the client', () => {
  it.each([
    ['UNAVAILABLE', new UnavailableError(undefined, '14 UNAVAILABLE: read ECONNRESET')],
    ['CANCELLED', new CancelledError(undefined, '1 CANCELLED: Call cancelled')],
    ['UNKNOWN', new UnknownError(undefined, '2 UNKNOWN: Exception was thrown by handler')],
    ['an error that is not from the client', new TypeError('undefined is not iterable')],
  ])('leaves the outcome unknown: %s', (_, error) => {
    expect(toLogClientError(error).failure).toBe('unknown');
  });

  it.each([
    ['a connection that was never made', new UnavailableError(undefined, refused)],
    ['the same before the client has asked for the server features', new Error(refused)],
    ['a cluster without a node', new Error('Failed to discover after 10 attempts.')],
    ['an election', new UnknownError(undefined, 'Could not recognize Server Is Not Ready')],
    ['an overload', new UnknownError(undefined, 'Could not recognize Server Is Too Busy')],
  ])('means that the request had no effect: %s', (_, error) => {
    expect(toLogClientError(error).failure).toBe('not_handled');
  });

  it.each([4n, 'no_stream'] as const)('contains the actual revision %s', (current) => {
    const versions = { streamName: 's', expected: 2n, current };
    const error = toLogClientError(new WrongExpectedVersionError(undefined, versions));
    expect(error).toMatchObject({ failure: 'wrong_revision', actual: current });
  });

  it.each([
    ['stream_not_found', new StreamNotFoundError(undefined, 'user-1')],
    ['refused', new AccessDeniedError()],
    ['no_answer', new DeadlineExceededError()],
    ['no_answer', new TimeoutError(undefined, '10 ABORTED: Operation timed out')],
    ['too_large', new MaxAppendSizeExceededError(undefined, 1_048_576)],
    ['no_event_there', new UnknownError(undefined, '2 UNKNOWN: Unexpected ReadAllResult: Error')],
    [
      'too_slow',
      new TimeoutError(undefined, '10 ABORTED: Consumer too slow to handle event while live.'),
    ],
  ])('has a failure of its own: %s', (failure, error) => {
    expect(toLogClientError(error).failure).toBe(failure);
  });

  it('always has a message', () => {
    expect(toLogClientError(new AccessDeniedError()).message).toBe('access-denied');
  });

  it('is returned unchanged if it is a LogClientError', () => {
    const error = new LogClientError('too_slow', 'slow');
    expect(toLogClientError(error)).toBe(error);
  });
});
