import type { SqlRow } from '#projections/adapters/columns';
import type { ProjectionJob } from '../jobs/projection-job.ts';

/** Loads the schemas of jobs, which most processes never need. */
export const loadJobCodec = () => import('./job-codec.ts');

/** Returns the job in a row of `projection_jobs`. @throws Error where another program has written it */
export async function readJob(row: SqlRow): Promise<ProjectionJob> {
  const { toJob } = await loadJobCodec();
  return toJob(row);
}
