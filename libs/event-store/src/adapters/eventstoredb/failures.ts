import { InvalidEventError } from '#domain';
import {
  AppendOutcomeUnknownError,
  EventStoreError,
  EventStoreUnavailableError,
  WrongExpectedRevisionError,
} from '../../errors.ts';
import type { ExpectedRevision } from '../../event-store.ts';
import { LogClientError } from './log-client.ts';

/** What a failed append means to the port. Whatever does not surely mean "not written" means "outcome unknown". */
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
    case 'not_handled':
      return new EventStoreUnavailableError(`EventStoreDB: ${message}`, { cause: error });
    default:
      return new AppendOutcomeUnknownError(`EventStoreDB: ${message}`, { cause: error });
  }
}

/** What a failure of anything but an append means to the port. */
export function toReadError(error: unknown): unknown {
  if (!(error instanceof LogClientError)) return error;
  return new EventStoreUnavailableError(`EventStoreDB: ${error.message}`, { cause: error });
}

/** The promise, or the error that `onTimeout` makes once `timeoutMs` have passed without an answer. */
export async function within<T>(
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
