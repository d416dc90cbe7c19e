import { Worker } from 'node:worker_threads';
import { threadFile } from '#event-store/thread-file';
import type { RunnerStatus } from '#projections';
import type { StoreSettings } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { threadSettings } from './thread-settings.ts';

/** Data that the projection thread starts with. */
export interface ProjectionWorkerData {
  readonly settings: StoreSettings;
  /** Account that webhooks name. */
  readonly accountSid: string;
  readonly TRACING: Settings['TRACING'];
}

/** Messages from the projection thread. */
export type FromProjectionThread =
  /** Sent at every change of a projection's state and after every commit. */
  | { readonly kind: 'status'; readonly projection: string; readonly status: RunnerStatus }
  /** Webhook deliveries have been queued. */
  | { readonly kind: 'queued' }
  /** A line for the log. */
  | { readonly kind: 'warning'; readonly message: string };

/** Message to the projection thread: finish the current transactions, close the stores and end. */
export type ToProjectionThread = 'stop';

const { file, execArgv } = threadFile(import.meta.url, './projection-worker');

/** Rows and events are garbage once they are written. A larger young generation would only collect them later. */
const YOUNG_GENERATION_MB = 8;

/** Starts the thread of the projections and the webhook enqueuer. It ends at a `ToProjectionThread` message. */
export function startProjectionThread(
  settings: StoreSettings & Partial<Pick<Settings, 'TRACING'>>,
  accountSid: string,
): Worker {
  const { TRACING = 'off' } = settings;
  const workerData: ProjectionWorkerData = {
    settings: threadSettings(settings),
    accountSid,
    TRACING,
  };
  return new Worker(file, {
    workerData,
    execArgv,
    name: 'projections',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}
