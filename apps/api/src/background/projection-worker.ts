/** Entry file of the thread that runs the projections and the webhook enqueuer. `ProjectionThread` supervises it. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ReachabilityEvent } from '#domain';
import {
  ProjectionRunner,
  type Projection,
  type ProjectionVersions,
  type RunnerStatus,
} from '#projections';
import { summaryProjection, timelineProjection, usersProjection } from '#read-model';
import { openProjectionStores, type ProjectionStores } from '#shared/composition/stores';
import { WebhookEnqueuer } from '../webhooks/enqueue/webhook-enqueuer.ts';
import type { FromProjectionThread, ProjectionWorkerData } from './start-projection-thread.ts';

/** Events of one transaction. Few, because the first one is visible only when the last one is. */
const BATCH_SIZE = 200;

interface Follower {
  start(): void;
  stop(): Promise<void>;
}

async function run(port: MessagePort, data: ProjectionWorkerData): Promise<void> {
  const stores = await openProjectionStores(data.settings);
  const followers = followersOf(stores, data.accountSid, (message) => port.postMessage(message));
  for (const follower of followers) follower.start();
  await new Promise((resolve) => port.once('message', resolve));
  await Promise.all(followers.map((follower) => follower.stop()));
  await stores.close();
}

/** Returns the projections and the webhook enqueuer. Each follows the log independently. */
function followersOf(
  { log, readModel, operations }: ProjectionStores,
  accountSid: string,
  post: (message: FromProjectionThread) => void,
): readonly Follower[] {
  const reportStatus = (projection: string) => (status: RunnerStatus) =>
    post({ kind: 'status', projection, status });
  const runner = <State>(
    projection: Projection<State, ReachabilityEvent>,
    versions: ProjectionVersions<State>,
  ): Follower =>
    new ProjectionRunner(projection, log, versions.live(), {
      batchSize: BATCH_SIZE,
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
    }),
  ];
}

if (parentPort !== null) await run(parentPort, workerData as ProjectionWorkerData);
