import { InvalidEventError } from '#domain';
import {
  AppendOutcomeUnknownError,
  EventStoreError,
  EventStoreUnavailableError,
  EventStoreUnwritableError,
  WrongExpectedRevisionError,
} from '../../errors.ts';
import type { ExpectedRevision } from '../../event-store.ts';
import { LogClientError } from './log-client.ts';

/** Converts an error of an append. Unless it is certain that nothing was written, the outcome is unknown. */
export function toAppendError(error: unknown, stream: string, expected: ExpectedRevision): Error {
  if (error instanceof EventStoreError) return error;
  if (!(error instanceof LogClientError)) {
    return new AppendOutcomeUnknownError(`The append to ${stream} broke off`, { cause: error });
  }
  const { failure, actual, message } = error;
  switch (failure) {
    case 'wrong_revision': {
      const revision = typeof actual === 'bigint' ? Number(actual) : 'no_stream';
      return new WrongExpectedRevisionError(stream, expected, revision);
    }
    case 'too_large':
      return new InvalidEventError(`EventStoreDB refuses the size of the append: ${message}`);
    case 'refused':
      return new EventStoreUnwritableError(`EventStoreDB refuses the append: ${message}`, {
        cause: error,
      });
    case 'not_handled':
      return new EventStoreUnavailableError(`EventStoreDB: ${message}`, { cause: error });
    default:
      return new AppendOutcomeUnknownError(`EventStoreDB: ${message}`, { cause: error });
  }
}

/** Converts an error of any other call. */
export function toReadError(error: unknown): unknown {
  if (!(error instanceof LogClientError)) return error;
  return new EventStoreUnavailableError(`EventStoreDB: ${error.message}`, { cause: error });
}

/** Settles like `answer`, or rejects with the error of `onTimeout` after `timeoutMs` without an answer. */
export async function withTimeout<T>(
  timeoutMs: number,
  answer: Promise<T>,
  onTimeout: () => Error,
): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(onTimeout()), timeoutMs);
  try {
    return await Promise.race([answer, expired]);
  } finally {
    clearTimeout(timer);
  }
}
