/** Tables of the `summary` projection; see the schema for SQLite. */
export const SUMMARY_TABLES = [
  'summary_states',
  'summary_totals',
  'summary_minutes',
  'summary_hours',
] as const;

const COUNTS = `users bigint NOT NULL,
       open_connections bigint NOT NULL,
       answered bigint NOT NULL,
       online bigint NOT NULL,
       notifiable bigint NOT NULL`;

/** Returns the statements that create the tables in a schema. */
export function createSummaryTables(schema: string): readonly string[] {
  return [
    `CREATE TABLE ${schema}.summary_states (key text COLLATE "C" PRIMARY KEY, state text NOT NULL)
       WITH (fillfactor = 80)`,
    `CREATE TABLE ${schema}.summary_totals (
       service_sid text COLLATE "C" NOT NULL,
       flag text COLLATE "C" NOT NULL,
       ${COUNTS},
       latest text COLLATE "C",
       PRIMARY KEY (service_sid, flag)
     ) WITH (fillfactor = 50)`,
    ...['summary_minutes', 'summary_hours'].map(
      (table) => `CREATE TABLE ${schema}.${table} (
       service_sid text COLLATE "C" NOT NULL,
       bucket text COLLATE "C" NOT NULL,
       flag text COLLATE "C" NOT NULL,
       ${COUNTS},
       PRIMARY KEY (service_sid, bucket, flag)
     ) WITH (fillfactor = 80)`,
    ),
  ];
}
