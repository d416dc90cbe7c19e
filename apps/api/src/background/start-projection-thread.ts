import { Worker } from 'node:worker_threads';
import type { StoreSettings } from '#shared/composition/stores';
import type { ProjectionThreadData } from './projection-messages.ts';

const IS_SOURCE = import.meta.url.endsWith('.ts');
const THREAD = new URL(
  IS_SOURCE ? './projection-thread.ts' : './projection-thread.js',
  import.meta.url,
);
const FROM_SOURCE = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

/** Rows and events are forgotten once they are written: with more room they would only be forgotten later. */
const YOUNG_GENERATION_MB = 8;

/** Starts the thread in which the projections follow the log; it ends at a `ToProjectionThread` message. */
export function startProjectionThread(settings: StoreSettings, accountSid: string): Worker {
  const { DATA_DIR, EVENT_STORE, EVENTSTOREDB_URL } = settings;
  const workerData: ProjectionThreadData = {
    settings: {
      DATA_DIR,
      EVENT_STORE,
      ...(EVENTSTOREDB_URL === undefined ? {} : { EVENTSTOREDB_URL }),
    },
    accountSid,
  };
  return new Worker(THREAD, {
    workerData,
    execArgv: IS_SOURCE ? FROM_SOURCE : [],
    name: 'projections',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}
