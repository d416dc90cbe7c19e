import type { ProjectionOperations, ProjectionVersions } from '#projections';
import type { SummaryReadModel } from './summary/summary-read-model.ts';
import type { SummaryState } from './summary/summary-state.ts';
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
  readonly summary: SummaryReadModel;
  readonly summaryVersions: ProjectionVersions<SummaryState>;
  /** Every projection, for operators. */
  readonly projections: readonly ProjectionOperations[];
  /** Removes the versions that programs with other tables have made, and returns their names. */
  removeOthers(): Promise<readonly string[]>;
}
