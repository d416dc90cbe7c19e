/** The thread in which the projections follow the log: started, and started again, by `ProjectionThread`. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ReachabilityEvent } from '#domain';
import { ProjectionRunner, type Projection, type ProjectionVersions } from '#projections';
import { timelineProjection, usersProjection } from '#read-model';
import { openProjectionStores } from '#shared/composition/stores';
import type { ProjectionReport, ProjectionThreadData } from './projection-messages.ts';

/** Events folded at a time: few, since who waits to see the first of them waits for the last. */
const BATCH_SIZE = 200;

async function run(port: MessagePort, { settings }: ProjectionThreadData): Promise<void> {
  const stores = await openProjectionStores(settings);
  const { log, readModel } = stores;

  const start = <State>(
    projection: Projection<State, ReachabilityEvent>,
    versions: ProjectionVersions<State>,
  ): (() => Promise<void>) => {
    const runner = new ProjectionRunner(projection, log, versions.live(), {
      batchSize: BATCH_SIZE,
      onStatus: (status) => {
        const report: ProjectionReport = { projection: projection.name, status };
        port.postMessage(report);
      },
    });
    runner.start();
    return () => runner.stop();
  };

  const stops = [
    start(usersProjection, readModel.usersVersions),
    start(timelineProjection, readModel.timelineVersions),
  ];
  await new Promise((resolve) => port.once('message', resolve));
  await Promise.all(stops.map((stop) => stop()));
  await stores.close();
}

if (parentPort !== null) await run(parentPort, workerData as ProjectionThreadData);
