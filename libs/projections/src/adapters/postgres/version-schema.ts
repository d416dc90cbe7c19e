import { letReadSchema, letReadViews, type Queries } from '#postgres';
import type { Changes } from '../../projection-store.ts';

/** Returns the schema of the views that show the rows of those live versions that have these tables. */
export function liveSchemaOf(tables: number): string {
  return `reachability_live_${tables}`;
}

/** Maps the states of one projection to rows in a schema and back. */
export interface PostgresTables<State> {
  load(queries: Queries, schema: string, keys: readonly string[]): Promise<Map<string, State>>;
  save(queries: Queries, schema: string, changes: Changes<State>): Promise<void>;
}

/** The tables and the mapping of one projection. */
export interface PostgresDefinition<State> {
  readonly name: string;
  /** Names of its tables; each has a view of that name, see {@link liveSchemaOf}. */
  readonly tableNames: readonly string[];
  /** Returns the statements that create its tables in a schema. */
  readonly createTables: (schema: string) => readonly string[];
  /** Returns the statements, each `IF NOT EXISTS`, for indexes that only reads of a live version need. */
  readonly createIndexes: (schema: string) => readonly string[];
  readonly tables: PostgresTables<State>;
}

/** Returns the schema of a version. A version number is never used twice. */
export function schemaOf(name: string, version: number): string {
  return `reachability_${name}_v${version}`;
}

/** Creates the schema of a version, or of a scratch version to compare with, and everything that the engine needs. */
export async function createVersionSchema<State>(
  queries: Queries,
  schema: string,
  definition: PostgresDefinition<State>,
): Promise<void> {
  const statements = [
    `CREATE SCHEMA ${schema}`,
    `CREATE TABLE ${schema}.checkpoint (
       id integer PRIMARY KEY CHECK (id = 1),
       position text COLLATE "C",
       effective_at text,
       generation bigint NOT NULL,
       moved_at text,
       down_reason text,
       down_since text,
       event_position text COLLATE "C",
       event_id text
     )`,
    `INSERT INTO ${schema}.checkpoint (id, generation) VALUES (1, 0)`,
    `CREATE TABLE ${schema}.dead_letters (
       position text COLLATE "C" PRIMARY KEY,
       key text NOT NULL,
       stream text NOT NULL,
       revision bigint NOT NULL,
       type text NOT NULL,
       effective_at text NOT NULL,
       error text
     )`,
    `CREATE INDEX dead_letters_by_key ON ${schema}.dead_letters (key)`,
    ...definition.createTables(schema),
  ];
  for (const statement of statements) await queries.write(statement);
  await letReadSchema(queries, schema);
}

/** Lets the views in a schema show a version. */
export async function showVersion<State>(
  queries: Queries,
  liveSchema: string,
  version: number,
  definition: PostgresDefinition<State>,
): Promise<void> {
  const { name, tableNames } = definition;
  const schema = schemaOf(name, version);
  const views = [
    [`${name}_checkpoint`, `${schema}.checkpoint`],
    [`${name}_dead_letters`, `${schema}.dead_letters`],
    ...tableNames.map((table) => [table, `${schema}.${table}`]),
  ];
  for (const [view, table] of views) {
    await queries.write(`DROP VIEW IF EXISTS ${liveSchema}.${view}`);
    await queries.write(`CREATE VIEW ${liveSchema}.${view} AS SELECT * FROM ${table}`);
  }
  await letReadViews(
    queries,
    views.map(([view]) => `${liveSchema}.${view}`),
  );
}
