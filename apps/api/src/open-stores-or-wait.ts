import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { errorMessage } from '#domain';
import { EventStoreUnavailableError, LogRestoredError } from '#event-store';
import { AwaitingWorkerError } from '#projections';
import { openServingStores, type Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { writeListening } from './announce.ts';
import { UnreadyServer, type UnreadyStatus } from './platform/health/unready-server.ts';
import type { StopSignals } from './platform/stop-signals.ts';

/** Milliseconds between two looks whether what was waited for has happened. */
const RETRY_MS = 2_000;
/** The same for an event store, which is looked for during each attempt as well. */
const RETRY_EVENT_STORE_MS = 250;

/** Stores that are open, and the port that the service has listened on while it waited for them. */
interface OpenedStores {
  readonly stores: Stores;
  readonly port: number;
}

/**
 * Opens the stores. With ON_RESTORED_LOG=stop and a restored log, it refuses all requests on the port and tries again
 * until the log is mended. So it does where a worker must make the read model first, and while an EventStoreDB does not
 * answer, for START_TIMEOUT_SECONDS. Returns null where a signal ends that.
 *
 * @param isRestart after a log was restored under the running service: an event store that does not answer yet, as one
 *   that has just started may do, is waited for without a limit
 * @throws EventStoreUnavailableError when an event store does not answer in time, or a file cannot be opened
 * @throws LogInUseError where processes of another data folder use the same log
 */
export async function openStoresOrWait(
  settings: Settings,
  wantedPort: number,
  signals: Pick<StopSignals, 'received' | 'first'>,
  logger: Pick<LoggerService, 'error' | 'warn' | 'log'>,
  isRestart = false,
): Promise<OpenedStores | null> {
  const logError = (line: string): void => {
    logger.error(line, 'EventStore');
  };
  const report = {
    restored: logError,
    claim: (line: string): void => {
      logger.warn(line, 'EventStore');
    },
  };
  let port = wantedPort;
  let server: UnreadyServer | null = null;
  let isAway = false;
  const deadline = performance.now() + startTimeoutMs(settings);
  try {
    while (!signals.received) {
      try {
        const stores = await openServingStores(settings, report);
        if (isAway) logger.log('The event store answers', 'EventStore');
        return { stores, port };
      } catch (error) {
        const wait = waitFor(error, isRestart || performance.now() < deadline);
        if (wait === null) throw error;
        isAway = wait.status === 'event_store_unavailable';
        if (server === null) {
          logError(isAway ? `${wait.reason}. Waiting for the event store` : wait.reason);
          server = new UnreadyServer(wait.status, wait.reason);
          port = await server.listen(port, settings.HOST);
          writeListening(settings, port);
        }
      }
      const waited = new AbortController();
      const retryMs = isAway ? RETRY_EVENT_STORE_MS : RETRY_MS;
      await Promise.race([signals.first, delay(retryMs, undefined, waited)]);
      waited.abort();
    }
    return null;
  } finally {
    await server?.close();
  }
}

/** A file that cannot be opened needs an operator, an EventStoreDB perhaps only time. */
function startTimeoutMs({ EVENT_STORE, START_TIMEOUT_SECONDS }: Settings): number {
  return EVENT_STORE === 'eventstoredb' ? START_TIMEOUT_SECONDS * 1_000 : -Infinity;
}

/** What to wait for after an error; null where the start fails. */
function waitFor(
  error: unknown,
  isTimeLeft: boolean,
): { readonly status: UnreadyStatus; readonly reason: string } | null {
  const reason = errorMessage(error);
  if (error instanceof AwaitingWorkerError) return { status: 'awaiting_worker', reason };
  if (error instanceof LogRestoredError) return { status: 'log_restored', reason };
  const isAway = error instanceof EventStoreUnavailableError && isTimeLeft;
  return isAway ? { status: 'event_store_unavailable', reason } : null;
}
