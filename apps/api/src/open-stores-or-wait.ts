import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { EventStoreUnavailableError, LogRestoredError } from '#event-store';
import { AwaitingWorkerError } from '#projections';
import { openServingStores, type Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { writeListening } from './announce.ts';
import { UnreadyServer } from './platform/health/unready-server.ts';
import type { StopSignals } from './platform/stop-signals.ts';

/** Milliseconds between two looks whether what was waited for has happened. */
const RETRY_MS = 2_000;

/** Stores that are open, and the port that the service has listened on while it waited for them. */
interface OpenedStores {
  readonly stores: Stores;
  readonly port: number;
}

/**
 * Opens the stores. With ON_RESTORED_LOG=stop and a restored log, it refuses all requests on the port and tries again
 * until the log is mended. So it does where a worker must make the read model first. Returns null where a signal ends that.
 *
 * @param isRestart after a log was restored under the running service: an event store that does not answer yet, as one
 *   that has just started may do, is waited for in the same way
 * @throws EventStoreUnavailableError on a first start
 * @throws LogInUseError where processes of another data folder use the same log
 */
export async function openStoresOrWait(
  settings: Settings,
  wantedPort: number,
  signals: Pick<StopSignals, 'received' | 'first'>,
  logger: Pick<LoggerService, 'error' | 'warn'>,
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
  try {
    while (!signals.received) {
      try {
        return { stores: await openServingStores(settings, report), port };
      } catch (error) {
        const isAwaitingWorker = error instanceof AwaitingWorkerError;
        const isTemporary = isRestart && error instanceof EventStoreUnavailableError;
        if (!isAwaitingWorker && !isTemporary && !(error instanceof LogRestoredError)) throw error;
        if (server === null) {
          logError(error.message);
          server = new UnreadyServer(
            isAwaitingWorker ? 'awaiting_worker' : 'log_restored',
            error.message,
          );
          port = await server.listen(port, settings.HOST);
          writeListening(settings, port);
        }
      }
      const waited = new AbortController();
      await Promise.race([signals.first, delay(RETRY_MS, undefined, waited)]);
      waited.abort();
    }
    return null;
  } finally {
    await server?.close();
  }
}
