/** Entry file of the thread that carries out one job on a projection. `runJobInThread` starts it. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { errorMessage } from '#domain';
import type { JobProgress } from '#operational-state';
import { openProjectionStores } from '#shared/composition/stores';
import { runJob } from '#shared/use-cases/projection-jobs/run-job';
import type { FromJobThread, JobThreadData } from './run-job-in-thread.ts';

/** Milliseconds between two reports: a fold makes thousands of steps a second. */
const REPORT_MS = 200;

async function run(port: MessagePort, { settings, job }: JobThreadData): Promise<void> {
  const post = (message: FromJobThread): void => port.postMessage(message);
  const stopping = new AbortController();
  port.once('message', () => stopping.abort());
  const stores = await openProjectionStores(settings);
  const unreported: JobProgress[] = [];
  let reportedAt = -Infinity;
  const postProgress = (): void => {
    for (const progress of unreported.splice(0)) post({ kind: 'progress', progress });
  };
  const report = (progress: JobProgress): void => {
    unreported.splice(0, Infinity, progress);
    const now = performance.now();
    if (now - reportedAt < REPORT_MS) return;
    reportedAt = now;
    postProgress();
  };
  try {
    const sources = { events: stores.log, readModel: stores.readModel };
    const work = { signal: stopping.signal, onProgress: report };
    const result = await runJob(job, sources, work);
    postProgress();
    post({ kind: 'done', result });
  } catch (error) {
    post({ kind: 'failed', error: errorMessage(error) });
  } finally {
    await stores.close();
    port.close();
  }
}

if (parentPort !== null) await run(parentPort, workerData as JobThreadData);
