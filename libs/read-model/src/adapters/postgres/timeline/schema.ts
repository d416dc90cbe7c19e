/** Tables of the `timeline` projection. */
export const TIMELINE_TABLES = ['heads', 'user_facts', 'service_facts'] as const;

/**
 * Returns the statements that create the tables in a schema. A fact that changed the value of its User has its own
 * position in `turn`.
 */
export function createTimelineTables(schema: string): readonly string[] {
  return [
    `CREATE TABLE ${schema}.heads (key text COLLATE "C" PRIMARY KEY, state text NOT NULL)
       WITH (fillfactor = 80)`,
    `CREATE TABLE ${schema}.user_facts (
       position text COLLATE "C" PRIMARY KEY,
       user_sid text COLLATE "C" NOT NULL,
       at text COLLATE "C" NOT NULL,
       user_exists boolean NOT NULL,
       created_at text NOT NULL,
       last_connect_position text COLLATE "C",
       answered_since text,
       online_changed_at text,
       last_online_at text,
       open_connections bigint NOT NULL,
       bindings bigint NOT NULL,
       previous text COLLATE "C",
       turn text COLLATE "C" NOT NULL,
       ordinal bigint NOT NULL,
       type text NOT NULL,
       subject_sid text,
       device_id text,
       close_cause text,
       last_seen_at text,
       actor text NOT NULL,
       service_sid text COLLATE "C" NOT NULL
     )`,
    `CREATE TABLE ${schema}.service_facts (
       position text COLLATE "C" PRIMARY KEY,
       service_sid text COLLATE "C" NOT NULL,
       at text COLLATE "C" NOT NULL,
       reachability_enabled boolean NOT NULL,
       flag_position text COLLATE "C",
       flag_changed_at text,
       grace_seconds bigint NOT NULL,
       deleted boolean NOT NULL,
       type text NOT NULL,
       actor text NOT NULL
     )`,
  ];
}

/** Returns the statements for the indexes that only reads need. A rebuild is faster when it creates them at the end. */
export function createTimelineIndexes(schema: string): readonly string[] {
  const index = (name: string, on: string): string =>
    `CREATE INDEX IF NOT EXISTS ${name} ON ${schema}.${on}`;
  return [
    index('user_facts_by_at', 'user_facts (user_sid, at, position)'),
    index('user_turns', 'user_facts (user_sid, position) WHERE turn = position'),
    index('user_changes', 'user_facts (service_sid, position) WHERE turn = position'),
    index('service_facts_by_at', 'service_facts (service_sid, at, position)'),
    index('service_flags', `service_facts (service_sid, position) WHERE type <> 'ServiceUpdated'`),
  ];
}
