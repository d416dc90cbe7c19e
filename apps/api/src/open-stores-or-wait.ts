import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { errorMessage } from '#domain';
import { EventStoreUnavailableError, LogRestoredError } from '#event-store';
import { DatabaseUnavailableError } from '#postgres/errors';
import { AwaitingWorkerError } from '#projections';
import { openServingStores, type Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { writeListening } from './announce.ts';
import { UnreadyServer, type UnreadyStatus } from './platform/health/unready-server.ts';
import type { StopSignals } from './platform/stop-signals.ts';

/** Milliseconds between two looks whether what was waited for has happened. */
const RETRY_MS = 2_000;
/** The same for a store that is away, which is looked for during each attempt as well. */
const RETRY_AWAY_MS = 250;
/** Stores that are waited for, by what `/health/ready` says meanwhile. */
const AWAY: Readonly<Partial<Record<UnreadyStatus, string>>> = {
  event_store_unavailable: 'event store',
  database_unavailable: 'database',
};

/** Stores that are open, and the port that the service has listened on while it waited for them. */
interface OpenedStores {
  readonly stores: Stores;
  readonly port: number;
}

/**
 * Opens the stores. With ON_RESTORED_LOG=stop and a restored log, it refuses all requests on the port and tries again
 * until the log is mended. So it does where a worker must make the read model first, and while an EventStoreDB or a
 * database does not answer, for START_TIMEOUT_SECONDS. Returns null where a signal ends that.
 *
 * @param isRestart after a log was restored under the running service: an event store that does not answer yet, as one
 *   that has just started may do, is waited for without a limit
 * @throws EventStoreUnavailableError when an event store does not answer in time, or a file cannot be opened
 * @throws DatabaseUnavailableError when the database does not answer in time
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
  let away: string | null = null;
  const deadline = performance.now() + settings.START_TIMEOUT_SECONDS * 1_000;
  try {
    while (!signals.received) {
      try {
        const stores = await openServingStores(settings, report);
        if (away !== null) logger.log(`The ${away} answers`, 'EventStore');
        return { stores, port };
      } catch (error) {
        const isTimeLeft = isRestart || performance.now() < deadline;
        // A file that cannot be opened needs an operator, a server perhaps only time.
        const isLogOnServer = isRestart || settings.EVENT_STORE === 'eventstoredb';
        const wait = waitFor(error, isTimeLeft, isLogOnServer);
        if (wait === null) throw error;
        away = AWAY[wait.status] ?? null;
        if (server === null) {
          logError(away === null ? wait.reason : `${wait.reason}. Waiting for the ${away}`);
          server = new UnreadyServer(wait.status, wait.reason);
          port = await server.listen(port, settings.HOST);
          writeListening(settings, port);
        }
      }
      const waited = new AbortController();
      const retryMs = away === null ? RETRY_MS : RETRY_AWAY_MS;
      await Promise.race([signals.first, delay(retryMs, undefined, waited)]);
      waited.abort();
    }
    return null;
  } finally {
    await server?.close();
  }
}

/** What to wait for after an error; null where the start fails. */
function waitFor(
  error: unknown,
  isTimeLeft: boolean,
  isLogOnServer: boolean,
): { readonly status: UnreadyStatus; readonly reason: string } | null {
  const reason = errorMessage(error);
  if (error instanceof AwaitingWorkerError) return { status: 'awaiting_worker', reason };
  if (error instanceof LogRestoredError) return { status: 'log_restored', reason };
  if (!isTimeLeft) return null;
  if (error instanceof DatabaseUnavailableError) return { status: 'database_unavailable', reason };
  return error instanceof EventStoreUnavailableError && isLogOnServer
    ? { status: 'event_store_unavailable', reason }
    : null;
}
