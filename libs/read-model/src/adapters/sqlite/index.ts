import { projectionOperations } from '#projections';
import { ProjectionRegistry } from '#projections/adapters/sqlite/projection-registry';
import { SqliteVersions } from '#projections/adapters/sqlite/sqlite-versions';
import type { ReadModel } from '../../read-model.ts';
import { summaryProjection } from '../../summary/summary-projection.ts';
import type { SummaryState } from '../../summary/summary-state.ts';
import { timelineProjection } from '../../timeline/timeline-projection.ts';
import type { TimelineState } from '../../timeline/timeline-state.ts';
import { usersProjection } from '../../users/users-projection.ts';
import type { UsersState } from '../../users/users-state.ts';
import { READ_MODEL_SCHEMA } from '../read-model-schema.ts';
import { USERS_INDEXES, USERS_SCHEMA } from './schema.ts';
import { SqliteUsersReadModel } from './sqlite-users-read-model.ts';
import { SUMMARY_SCHEMA } from './summary/schema.ts';
import { SqliteSummaryReadModel } from './summary/sqlite-summary-read-model.ts';
import { SummaryTables } from './summary/summary-tables.ts';
import { TIMELINE_INDEXES, TIMELINE_SCHEMA } from './timeline/schema.ts';
import { SqliteTimelineReadModel } from './timeline/sqlite-timeline-read-model.ts';
import { TimelineTables } from './timeline/timeline-tables.ts';
import { UsersTables } from './users-tables.ts';

/** The read model in SQLite files. */
export interface SqliteReadModel extends ReadModel {
  /** Empties write-ahead logs at quiet times; call it every `LOOK_EVERY_MS` from a thread that may wait for a file. */
  checkpointWhenQuiet(): void;
  close(): void;
}

/**
 * Opens the read model of the event store named by `epoch`, creating missing files. A read model of one of its former
 * epochs is discarded.
 *
 * @throws ForeignReadModelError when the file belongs to another event store
 * @throws LogRestoredError when the event store has an epoch that the file has left behind
 */
export function openSqliteReadModel(
  path: string,
  epoch: string,
  formerEpochs: readonly string[] = [],
): SqliteReadModel {
  const registry = new ProjectionRegistry(path, epoch, formerEpochs, READ_MODEL_SCHEMA);
  const users = new SqliteVersions<UsersState>(registry, {
    name: usersProjection.name,
    schema: USERS_SCHEMA,
    indexes: USERS_INDEXES,
    tables: (db) => new UsersTables(db),
  });
  const timeline = new SqliteVersions<TimelineState>(registry, {
    name: timelineProjection.name,
    schema: TIMELINE_SCHEMA,
    indexes: TIMELINE_INDEXES,
    tables: (db) => new TimelineTables(db),
  });
  const summary = new SqliteVersions<SummaryState>(registry, {
    name: summaryProjection.name,
    schema: SUMMARY_SCHEMA,
    tables: (db) => new SummaryTables(db),
  });
  return {
    users: new SqliteUsersReadModel(users),
    usersVersions: users,
    timeline: new SqliteTimelineReadModel(timeline),
    timelineVersions: timeline,
    summary: new SqliteSummaryReadModel(summary),
    summaryVersions: summary,
    projections: [
      projectionOperations(usersProjection, users),
      projectionOperations(timelineProjection, timeline),
      projectionOperations(summaryProjection, summary),
    ],
    // Files have one program at a time: what it finds there of another one, it replaces when it opens them.
    removeOthers: async () => [],
    checkpointWhenQuiet: () => {
      users.checkpointWhenQuiet();
      timeline.checkpointWhenQuiet();
      summary.checkpointWhenQuiet();
    },
    close: () => {
      users.close();
      timeline.close();
      summary.close();
      registry.close();
    },
  };
}
