import type { OperationalState, ProjectionJob } from '#operational-state';

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
  { projectionJobs, now }: Pick<OperationalState, 'projectionJobs' | 'now'>,
  { projection, sid, actor }: JobCancellation,
): Promise<ProjectionJob | null> {
  return projectionJobs.cancel(projection, sid, actor, await now());
}
