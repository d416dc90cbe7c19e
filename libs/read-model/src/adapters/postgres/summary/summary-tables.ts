import { text } from '#projections/adapters/columns';
import type { PostgresTables } from '#projections/adapters/postgres/version-schema';
import type { Queries } from '#postgres';
import type { SummaryState } from '../../../summary/summary-state.ts';
import { RESOLUTIONS } from '../../../summary/time-buckets.ts';
import {
  BUCKET_TABLES,
  COUNT_COLUMNS,
  droppedBuckets,
  summaryChanges,
  toSummaryState,
  type BucketRowChange,
  type TotalChange,
} from '../../summary/summary-changes.ts';
import { BulkUpsert } from '../bulk-upsert.ts';

const STATES = new BulkUpsert(
  [
    ['key', 'text'],
    ['state', 'text'],
  ],
  ['key'],
);

/** Maps the states of the `summary` projection to states, totals and buckets of a version. */
export const summaryTables: PostgresTables<SummaryState> = {
  load: async (queries, schema, keys) => {
    const rows = await queries.query(
      `SELECT * FROM ${schema}.summary_states WHERE key = ANY ($1::text[])`,
      [keys],
    );
    return new Map(rows.map((row) => [text(row, 'key'), toSummaryState(row)]));
  },
  save: async (queries, schema, changes) => {
    const { states, totals, buckets, latest } = summaryChanges(changes);
    const table = (name: string): string => `${schema}.${name}`;
    const kept = states.flatMap(([key, state]) => (state === null ? [] : [[key, state] as const]));
    await STATES.write(queries, table('summary_states'), kept);
    if (kept.length < states.length) {
      const gone = states.flatMap(([key, state]) => (state === null ? [key] : []));
      await queries.write(`DELETE FROM ${table('summary_states')} WHERE key = ANY ($1::text[])`, [
        gone,
      ]);
    }
    await addCounts(queries, table('summary_totals'), ['service_sid', 'flag'], totals);
    for (const resolution of RESOLUTIONS) {
      const key = ['service_sid', 'bucket', 'flag'];
      await addCounts(queries, table(BUCKET_TABLES[resolution]), key, buckets[resolution]);
    }
    await dropOldBuckets(queries, table, latest);
  },
};

/** Adds counts to the rows of a table, and removes those that have become zero, apart from the totals of Services. */
async function addCounts(
  queries: Queries,
  table: string,
  key: readonly string[],
  changes: readonly (TotalChange | BucketRowChange)[],
): Promise<void> {
  if (changes.length === 0) return;
  const keyValues = key.map((column) =>
    changes.map((change) => {
      if (column === 'bucket') return 'bucket' in change ? change.bucket : '';
      return column === 'flag' ? change.flag : change.serviceSid;
    }),
  );
  const counts = COUNT_COLUMNS.map((_, index) => changes.map(({ values }) => values[index] ?? 0));
  const columns = [...key, ...COUNT_COLUMNS];
  const types = columns.map((_, index) => (index < key.length ? 'text' : 'bigint'));
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`).join(', ');
  const added = COUNT_COLUMNS.map((column) => `${column} = stored.${column} + excluded.${column}`);
  await queries.write(
    `INSERT INTO ${table} AS stored (${columns.join(', ')}) SELECT * FROM unnest(${arrays})
     ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${added.join(', ')}`,
    [...keyValues, ...counts],
  );
  const isEmpty = COUNT_COLUMNS.map((column) => `${table}.${column} = 0`).join(' AND ');
  const isKept = key.includes('bucket') ? '' : `AND ${table}.flag <> ''`;
  const marks = key.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const sameKey = key.map((column) => `${table}.${column} = touched.${column}`).join(' AND ');
  await queries.write(
    `DELETE FROM ${table} USING unnest(${marks}) AS touched (${key.join(', ')})
     WHERE ${sameKey} AND ${isEmpty} ${isKept}`,
    keyValues,
  );
}

async function dropOldBuckets(
  queries: Queries,
  table: (name: string) => string,
  latest: ReadonlyMap<string, string>,
): Promise<void> {
  if (latest.size === 0) return;
  const totals = table('summary_totals');
  const rows = await queries.query(
    `INSERT INTO ${totals} AS stored
       SELECT service_sid, '', 0, 0, 0, 0, 0, latest
       FROM unnest($1::text[], $2::text[]) AS seen (service_sid, latest)
     ON CONFLICT (service_sid, flag)
     DO UPDATE SET latest = greatest(stored.latest, excluded.latest)
     RETURNING service_sid, latest`,
    [[...latest.keys()], [...latest.values()]],
  );
  for (const resolution of RESOLUTIONS) {
    const dropped = rows.map((row) => {
      const found = droppedBuckets(text(row, 'latest')).find(([kind]) => kind === resolution);
      return found?.[1] ?? '';
    });
    const buckets = table(BUCKET_TABLES[resolution]);
    await queries.write(
      `DELETE FROM ${buckets} USING unnest($1::text[], $2::text[]) AS old (service_sid, bucket)
       WHERE ${buckets}.service_sid = old.service_sid AND ${buckets}.bucket <= old.bucket`,
      [rows.map((row) => text(row, 'service_sid')), dropped],
    );
  }
}
