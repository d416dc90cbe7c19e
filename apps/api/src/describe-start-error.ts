import { errorMessage } from '#domain';

/** Returns one line that says why the service could not start, and what to do if its port is taken. */
export function describeStartError(error: unknown): string {
  const reason = errorMessage(error);
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    ? `${reason}. Stop the program that listens there, or choose another port, such as PORT=3001`
    : reason;
}
