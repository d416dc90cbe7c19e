import { Worker } from 'node:worker_threads';
import { threadFile } from '#event-store/thread-file';
import type { JobProgress, JobResult, NewJob } from '#operational-state';
import type { StoreSettings } from '#shared/composition/stores';
import type { JobWork } from '#shared/use-cases/projection-jobs/run-job';
import { threadSettings } from '../thread-settings.ts';

/** What the thread of a job starts with. */
export interface JobThreadData {
  readonly settings: StoreSettings;
  readonly job: Pick<NewJob, 'projection' | 'kind' | 'parameters'>;
}

/** Messages from the thread of a job. */
export type FromJobThread =
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly error: string };

/** Message to the thread of a job: end early. */
export type ToJobThread = 'stop';

const STOP: ToJobThread = 'stop';

/** Milliseconds that a thread has to end early. It cannot while a statement of SQLite runs. */
const STOP_MS = 10_000;

const { file, execArgv } = threadFile(import.meta.url, './job-worker');

/**
 * Carries out a job in a thread of its own, which opens the stores again, and returns what it has done once the thread has
 * closed them.
 *
 * @throws Error with the reason of the failure
 */
export function runJobInThread(
  settings: StoreSettings,
  { projection, kind, parameters }: NewJob,
  { signal, onProgress }: JobWork,
): Promise<JobResult> {
  const workerData: JobThreadData = {
    settings: threadSettings(settings),
    job: { projection, kind, parameters },
  };
  const worker = new Worker(file, { workerData, execArgv, name: `${kind} ${projection}` });
  const stop = (): void => {
    worker.postMessage(STOP);
    setTimeout(() => void worker.terminate(), STOP_MS).unref();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve, reject) => {
    let settle = (code: number): void =>
      reject(new Error(`The thread of the job ended with code ${code}`));
    worker.on('message', (message: FromJobThread) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'done') settle = () => resolve(message.result);
      else settle = () => reject(new Error(message.error));
    });
    worker.on('error', (error) => {
      settle = () => reject(error instanceof Error ? error : new Error(String(error)));
    });
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', stop);
      settle(code);
    });
  });
}
