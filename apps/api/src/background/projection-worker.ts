/** Entry file of the thread that runs the projections and the webhook enqueuer. `ProjectionThread` supervises it. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ReachabilityEvent } from '#domain';
import {
  ProjectionRunner,
  type Projection,
  type ProjectionVersions,
  type RunnerOptions,
  type RunnerStatus,
} from '#projections';
import { summaryProjection, timelineProjection, usersProjection } from '#read-model';
import { openProjectionStores, type ProjectionStores } from '#shared/composition/stores';
import { batchSpans } from '#shared/tracing/batch-spans';
import { startTracing } from '#shared/tracing/start-tracing';
import type { Tracing } from '#shared/tracing/tracing';
import { WebhookEnqueuer } from '../webhooks/enqueue/webhook-enqueuer.ts';
import type { FromProjectionThread, ProjectionWorkerData } from './start-projection-thread.ts';

/** Events of one transaction. Few, because the first one is visible only when the last one is. */
const BATCH_SIZE = 200;

interface Follower {
  start(): void;
  stop(): Promise<void>;
}

async function run(port: MessagePort, data: ProjectionWorkerData): Promise<void> {
  const post = (message: FromProjectionThread): void => port.postMessage(message);
  const started = await startTracing(data, (message) => post({ kind: 'warning', message }));
  const stores = await openProjectionStores(data.settings);
  const followers = followersOf(stores, data.accountSid, started?.tracing ?? null, post);
  for (const follower of followers) follower.start();
  await new Promise((resolve) => port.once('message', resolve));
  await Promise.all(followers.map((follower) => follower.stop()));
  await stores.close();
  await started?.stop();
}

/** Returns the projections and the webhook enqueuer. Each follows the log independently. */
function followersOf(
  { log, readModel, operations }: ProjectionStores,
  accountSid: string,
  tracing: Tracing | null,
  post: (message: FromProjectionThread) => void,
): readonly Follower[] {
  const traced = (projection: string): Pick<RunnerOptions, 'onCommitted'> =>
    tracing === null ? {} : { onCommitted: batchSpans(tracing, projection) };
  const reportStatus = (projection: string) => (status: RunnerStatus) =>
    post({ kind: 'status', projection, status });
  const runner = <State>(
    projection: Projection<State, ReachabilityEvent>,
    versions: ProjectionVersions<State>,
  ): Follower =>
    new ProjectionRunner(projection, log, versions.live(), {
      batchSize: BATCH_SIZE,
      ...traced(projection.name),
      onStatus: reportStatus(projection.name),
    });
  return [
    runner(usersProjection, readModel.usersVersions),
    runner(timelineProjection, readModel.timelineVersions),
    runner(summaryProjection, readModel.summaryVersions),
    new WebhookEnqueuer({
      accountSid,
      log,
      store: operations.webhookEnqueuerStore,
      readModel,
      clock: operations.now,
      onQueued: () => post({ kind: 'queued' }),
      onStatus: reportStatus('webhooks'),
      ...traced('webhooks'),
    }),
  ];
}

if (parentPort !== null) await run(parentPort, workerData as ProjectionWorkerData);
