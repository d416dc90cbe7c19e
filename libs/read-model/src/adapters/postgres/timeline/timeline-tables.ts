import type { Changes } from '#projections';
import { text } from '#projections/adapters/columns';
import type { PostgresTables } from '#projections/adapters/postgres/version-schema';
import type { ServiceFact, TimelineState, UserFact } from '../../../timeline/timeline-state.ts';
import { headText, newestFirst, toHead } from '../../timeline-head.ts';
import { BulkUpsert } from '../bulk-upsert.ts';

type Value = string | number | boolean | null;

const HEADS = new BulkUpsert(
  [
    ['key', 'text'],
    ['state', 'text'],
  ],
  ['key'],
);

const USER_FACTS = new BulkUpsert(
  [
    ['position', 'text'],
    ['user_sid', 'text'],
    ['at', 'text'],
    ['user_exists', 'boolean'],
    ['created_at', 'text'],
    ['last_connect_position', 'text'],
    ['answered_since', 'text'],
    ['online_changed_at', 'text'],
    ['last_online_at', 'text'],
    ['open_connections', 'bigint'],
    ['bindings', 'bigint'],
    ['previous', 'text'],
    ['turn', 'text'],
    ['ordinal', 'bigint'],
    ['type', 'text'],
    ['subject_sid', 'text'],
    ['device_id', 'text'],
    ['close_cause', 'text'],
    ['last_seen_at', 'text'],
    ['actor', 'text'],
    ['service_sid', 'text'],
  ],
  [],
);

const SERVICE_FACTS = new BulkUpsert(
  [
    ['position', 'text'],
    ['service_sid', 'text'],
    ['at', 'text'],
    ['reachability_enabled', 'boolean'],
    ['flag_position', 'text'],
    ['flag_changed_at', 'text'],
    ['grace_seconds', 'bigint'],
    ['deleted', 'boolean'],
    ['type', 'text'],
    ['actor', 'text'],
  ],
  [],
);

/** Maps the states of the `timeline` projection to heads, which are replaced, and append-only facts. */
export const timelineTables: PostgresTables<TimelineState> = {
  load: async (queries, schema, keys) => {
    const rows = await queries.query(
      `SELECT key, state FROM ${schema}.heads WHERE key = ANY ($1::text[])`,
      [keys],
    );
    return new Map(rows.map((row) => [text(row, 'key'), toHead(row)]));
  },
  save: async (queries, schema, changes: Changes<TimelineState>) => {
    const heads: Value[][] = [];
    const userFacts: Value[][] = [];
    const serviceFacts: Value[][] = [];
    for (const [key, state] of changes) {
      if (state === null) continue;
      if (state.kind === 'user') {
        userFacts.push(...Array.from(newestFirst(state.unwritten), userFactValues));
      }
      if (state.kind === 'service') {
        serviceFacts.push(...Array.from(newestFirst(state.unwritten), serviceFactValues));
      }
      heads.push([key, headText(state)]);
    }
    await HEADS.write(queries, `${schema}.heads`, heads);
    await USER_FACTS.write(queries, `${schema}.user_facts`, userFacts);
    await SERVICE_FACTS.write(queries, `${schema}.service_facts`, serviceFacts);
  },
};

function userFactValues({ cause, ...fact }: UserFact): Value[] {
  return [
    fact.position,
    fact.userSid,
    fact.at,
    fact.exists,
    fact.createdAt,
    fact.lastConnectPosition,
    fact.answeredSince,
    fact.onlineChangedAt,
    fact.lastOnlineAt,
    fact.openConnections,
    fact.bindingCount,
    fact.previous,
    fact.valueChange,
    fact.ordinal,
    cause.type,
    cause.subjectSid,
    cause.deviceId,
    cause.closeCause,
    cause.lastSeenAt,
    cause.actor,
    fact.serviceSid,
  ];
}

function serviceFactValues({ cause, ...fact }: ServiceFact): Value[] {
  return [
    fact.position,
    fact.serviceSid,
    fact.at,
    fact.reachabilityEnabled,
    fact.flagPosition,
    fact.flagChangedAt,
    fact.graceSeconds,
    fact.deleted,
    cause.type,
    cause.actor,
  ];
}
