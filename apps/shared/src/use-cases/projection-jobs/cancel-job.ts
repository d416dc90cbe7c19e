import { isSid } from '#domain';
import type { OperationalState, ProjectionJob } from '#operational-state';
import { findProjection, type ProjectionSources } from '../projections.ts';

export interface JobCancellation {
  readonly projection: string;
  readonly sid: string;
  readonly actor: string;
}

/**
 * Ends a queued job, or asks the process that runs it to end it. Returns the job as it is afterwards, unchanged where it had
 * ended; null where there is none.
 */
export async function cancelJob(
  stores: Pick<ProjectionSources, 'readModel'> & {
    readonly operations: Pick<OperationalState, 'projectionJobs' | 'now'>;
  },
  { projection, sid, actor }: JobCancellation,
): Promise<ProjectionJob | null> {
  if (!isSid('JB', sid) || findProjection(stores, projection) === null) return null;
  const { projectionJobs, now } = stores.operations;
  return projectionJobs.cancel(projection, sid, actor, await now());
}
