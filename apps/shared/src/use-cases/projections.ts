import type { EventLog } from '#event-store';
import type { ProjectionOperations, ProjectionStatus } from '#projections';
import type { ReadModel } from '#read-model';

/** The stores that the operations on projections need. */
export interface ProjectionSources {
  readonly events: EventLog;
  readonly readModel: Pick<ReadModel, 'projections'>;
}

/** Returns the projection of a name; null where there is none. */
export function findProjection(
  { readModel }: Pick<ProjectionSources, 'readModel'>,
  name: string,
): ProjectionOperations | null {
  return readModel.projections.find((projection) => projection.name === name) ?? null;
}

/** Returns the status of every projection, in a fixed order. */
export function listProjections(
  { events, readModel }: ProjectionSources,
  now: Date,
): Promise<ProjectionStatus[]> {
  return Promise.all(readModel.projections.map((projection) => projection.status(events, now)));
}
