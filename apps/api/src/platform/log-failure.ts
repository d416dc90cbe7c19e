import type { Logger } from '@nestjs/common';
import { LogEntry } from './logging/log-entry.ts';
import { isStoreUnavailable } from './store-errors.ts';

/**
 * Logs that work failed which is repeated later, or which can be left out. During the outage of a store that is a line of
 * level debug: everything fails then, and `StoreMonitor` logs the outage once. Any other error is logged with its stack.
 *
 * @param what such as "Cannot renew the lease"
 */
export function logFailure(
  logger: Pick<Logger, 'debug' | 'warn' | 'error'>,
  level: 'warn' | 'error',
  what: string,
  error: unknown,
): void {
  const text = `${what}: ${String(error)}`;
  if (isStoreUnavailable(error)) logger.debug(text);
  else logger[level](new LogEntry(text, { error }));
}
