import type { Logger } from '@nestjs/common';
import { isStoreUnavailable } from './store-errors.ts';

/**
 * Logs that work failed which is repeated later, or which can be left out. During the outage of a store that is a line of
 * level debug: everything fails then, and `StoreMonitor` logs the outage once.
 *
 * @param what such as "Cannot renew the lease"
 */
export function logFailure(
  logger: Pick<Logger, 'debug' | 'warn' | 'error'>,
  level: 'warn' | 'error',
  what: string,
  error: unknown,
): void {
  logger[isStoreUnavailable(error) ? 'debug' : level](`${what}: ${String(error)}`);
}
