/** The thread in which the log is projected. `ProjectionRunners` starts it, and starts it again when it dies. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ReachabilityEvent } from '#domain';
import {
  ProjectionRunner,
  type Projection,
  type ProjectionVersions,
  type RunnerStatus,
} from '#projections';
import { timelineProjection, usersProjection } from '#read-model';
import { openProjectionStores, type ProjectionStores } from '#shared/composition/stores';
import { WebhookEnqueuer } from '../webhooks/enqueue/webhook-enqueuer.ts';
import type { FromProjectionThread, ProjectionThreadData } from './projection-messages.ts';

/** Events folded at a time: few, since who waits to see the first of them waits for the last. */
const BATCH_SIZE = 200;

interface Follower {
  start(): void;
  stop(): Promise<void>;
}

async function serve(port: MessagePort, data: ProjectionThreadData): Promise<void> {
  const stores = await openProjectionStores(data.settings);
  const followers = followersOf(stores, data.accountSid, (message) => port.postMessage(message));
  for (const follower of followers) follower.start();
  await new Promise((resolve) => port.once('message', resolve));
  await Promise.all(followers.map((follower) => follower.stop()));
  await stores.close();
}

/** Each follows the log on its own. */
function followersOf(
  { log, readModel, operations }: ProjectionStores,
  accountSid: string,
  tell: (message: FromProjectionThread) => void,
): readonly Follower[] {
  const tellOf = (projection: string) => (status: RunnerStatus) =>
    tell({ kind: 'status', projection, status });
  const runner = <State>(
    projection: Projection<State, ReachabilityEvent>,
    versions: ProjectionVersions<State>,
  ): Follower =>
    new ProjectionRunner(projection, log, versions.live(), {
      batchSize: BATCH_SIZE,
      onStatus: tellOf(projection.name),
    });
  return [
    runner(usersProjection, readModel.usersVersions),
    runner(timelineProjection, readModel.timelineVersions),
    new WebhookEnqueuer({
      accountSid,
      log,
      store: operations.webhookEnqueuerStore,
      readModel,
      clock: () => new Date(),
      onQueued: () => tell({ kind: 'queued' }),
      onStatus: tellOf('webhooks'),
    }),
  ];
}

if (parentPort !== null) await serve(parentPort, workerData as ProjectionThreadData);
