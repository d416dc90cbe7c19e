import { serviceStream } from '#domain';
import type { Checkpoint } from '#projections';
import { toCheckpoint } from '#projections/adapters/postgres/version-rows';
import type { Database, Queries } from '#postgres';
import type {
  BucketChanges,
  StoredSummary,
  SummaryReadModel,
} from '../../../summary/summary-read-model.ts';
import type { Resolution } from '../../../summary/time-buckets.ts';
import {
  BUCKET_TABLES,
  toBucketChange,
  toFlagCounts,
  latestOf,
  toLiveService,
} from '../../summary/summary-changes.ts';
import { LIVE_SCHEMA } from '../live-schema.ts';

/** Reads of the `summary` projection in PostgreSQL, through the views that show the live version. */
export class PostgresSummaryReadModel implements SummaryReadModel {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  checkpoint(): Promise<Checkpoint> {
    return readCheckpoint(this.#database);
  }

  summary(serviceSid: string, resolutions: readonly Resolution[]): Promise<StoredSummary | null> {
    return this.#database.transaction('snapshot', async (queries) => {
      const [state] = await queries.query(
        `SELECT * FROM ${LIVE_SCHEMA}.summary_states WHERE key = $1`,
        [serviceStream(serviceSid)],
      );
      const service = toLiveService(state);
      if (service === null) return null;
      const counts = await queries.query(
        `SELECT * FROM ${LIVE_SCHEMA}.summary_totals WHERE service_sid = $1`,
        [serviceSid],
      );
      let changes: BucketChanges = {};
      for (const resolution of resolutions) {
        const rows = await queries.query(
          `SELECT * FROM ${LIVE_SCHEMA}.${BUCKET_TABLES[resolution]}
           WHERE service_sid = $1 ORDER BY bucket`,
          [serviceSid],
        );
        changes = { ...changes, [resolution]: rows.map(toBucketChange) };
      }
      return {
        checkpoint: await readCheckpoint(queries),
        service: service.row,
        latest: latestOf(counts),
        flags: service.flags,
        counts: counts.map(toFlagCounts),
        changes,
      };
    });
  }
}

async function readCheckpoint(queries: Queries): Promise<Checkpoint> {
  const [row] = await queries.query(`SELECT * FROM ${LIVE_SCHEMA}.summary_checkpoint`);
  return toCheckpoint(row);
}
