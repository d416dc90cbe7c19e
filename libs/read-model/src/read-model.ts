import type { ProjectionOperations, ProjectionVersions } from '#projections';
import type { TimelineReadModel } from './timeline/timeline-read-model.ts';
import type { TimelineState } from './timeline/timeline-state.ts';
import type { UsersReadModel } from './users/users-read-model.ts';
import type { UsersState } from './users/users-state.ts';

/** The read model: its reads, and the versions that runners and rebuilds work on. */
export interface ReadModel {
  readonly users: UsersReadModel;
  readonly usersVersions: ProjectionVersions<UsersState>;
  readonly timeline: TimelineReadModel;
  readonly timelineVersions: ProjectionVersions<TimelineState>;
  /** Every projection, for operators. */
  readonly projections: readonly ProjectionOperations[];
}
