import type { Database } from '#postgres';
import { projectionOperations } from '#projections';
import { PostgresRegistry } from '#projections/adapters/postgres/postgres-registry';
import { PostgresVersions } from '#projections/adapters/postgres/postgres-versions';
import type { PostgresDefinition } from '#projections/adapters/postgres/version-schema';
import type { ReadModel } from '../../read-model.ts';
import { summaryProjection } from '../../summary/summary-projection.ts';
import type { SummaryState } from '../../summary/summary-state.ts';
import { timelineProjection } from '../../timeline/timeline-projection.ts';
import type { TimelineState } from '../../timeline/timeline-state.ts';
import { usersProjection } from '../../users/users-projection.ts';
import type { UsersState } from '../../users/users-state.ts';
import { READ_MODEL_SCHEMA } from '../read-model-schema.ts';
import { PostgresSummaryReadModel } from './summary/postgres-summary-read-model.ts';
import { createSummaryTables, SUMMARY_TABLES } from './summary/schema.ts';
import { summaryTables } from './summary/summary-tables.ts';
import { PostgresTimelineReadModel } from './timeline/postgres-timeline-read-model.ts';
import { createTimelineIndexes, createTimelineTables, TIMELINE_TABLES } from './timeline/schema.ts';
import { timelineTables } from './timeline/timeline-tables.ts';
import { PostgresUsersReadModel } from './users/postgres-users-read-model.ts';
import { createUsersIndexes, createUsersTables, USERS_TABLES } from './users/schema.ts';
import { usersTables } from './users/users-tables.ts';

const USERS: PostgresDefinition<UsersState> = {
  name: usersProjection.name,
  tableNames: USERS_TABLES,
  createTables: createUsersTables,
  createIndexes: createUsersIndexes,
  tables: usersTables,
};

const TIMELINE: PostgresDefinition<TimelineState> = {
  name: timelineProjection.name,
  tableNames: TIMELINE_TABLES,
  createTables: createTimelineTables,
  createIndexes: createTimelineIndexes,
  tables: timelineTables,
};

const SUMMARY: PostgresDefinition<SummaryState> = {
  name: summaryProjection.name,
  tableNames: SUMMARY_TABLES,
  createTables: createSummaryTables,
  createIndexes: () => [],
  tables: summaryTables,
};

/**
 * Opens the read model of the event store named by `epoch` in a database that was migrated, creating what is missing. A
 * read model of one of its former epochs is discarded.
 *
 * @throws ForeignReadModelError when the database holds the read model of another event store
 * @throws LogRestoredError when the event store has an epoch that the database has left behind
 */
export async function openPostgresReadModel(
  database: Database,
  epoch: string,
  formerEpochs: readonly string[] = [],
): Promise<ReadModel> {
  const registry = await PostgresRegistry.open(
    database,
    { epoch, formerEpochs },
    READ_MODEL_SCHEMA,
  );
  await registry.ensureLive(USERS);
  await registry.ensureLive(TIMELINE);
  await registry.ensureLive(SUMMARY);
  const usersVersions = new PostgresVersions(database, registry, USERS);
  const timelineVersions = new PostgresVersions(database, registry, TIMELINE);
  const summaryVersions = new PostgresVersions(database, registry, SUMMARY);
  return {
    users: new PostgresUsersReadModel(database),
    usersVersions,
    timeline: new PostgresTimelineReadModel(database),
    timelineVersions,
    summary: new PostgresSummaryReadModel(database),
    summaryVersions,
    projections: [
      projectionOperations(usersProjection, usersVersions),
      projectionOperations(timelineProjection, timelineVersions),
      projectionOperations(summaryProjection, summaryVersions),
    ],
    removeOthers: () => registry.removeOthers(),
  };
}
