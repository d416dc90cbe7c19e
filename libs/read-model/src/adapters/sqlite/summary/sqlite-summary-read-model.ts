import { serviceStream } from '#domain';
import type { Checkpoint } from '#projections';
import type { SqliteVersions } from '#projections/adapters/sqlite/sqlite-versions';
import type {
  BucketChanges,
  StoredSummary,
  SummaryReadModel,
} from '../../../summary/summary-read-model.ts';
import type { SummaryState } from '../../../summary/summary-state.ts';
import type { Resolution } from '../../../summary/time-buckets.ts';
import {
  BUCKET_TABLES,
  toBucketChange,
  toFlagCounts,
  latestOf,
  toLiveService,
} from '../../summary/summary-changes.ts';

/** Reads of the `summary` projection in SQLite, each from the current live version. */
export class SqliteSummaryReadModel implements SummaryReadModel {
  readonly #versions: SqliteVersions<SummaryState>;

  constructor(versions: SqliteVersions<SummaryState>) {
    this.#versions = versions;
  }

  async checkpoint(): Promise<Checkpoint> {
    return this.#versions.liveFile().checkpoint();
  }

  async summary(
    serviceSid: string,
    resolutions: readonly Resolution[],
  ): Promise<StoredSummary | null> {
    const file = this.#versions.liveFile();
    return file.read(() => {
      const { db } = file;
      const key = serviceStream(serviceSid);
      const service = toLiveService(
        db.prepare('SELECT * FROM summary_states WHERE key = ?').get(key),
      );
      if (service === null) return null;
      const counts = db
        .prepare('SELECT * FROM summary_totals WHERE service_sid = ?')
        .all(serviceSid);
      let changes: BucketChanges = {};
      for (const resolution of resolutions) {
        const buckets = db.prepare(
          `SELECT * FROM ${BUCKET_TABLES[resolution]} WHERE service_sid = ? ORDER BY bucket`,
        );
        const rows = buckets.all(serviceSid);
        changes = { ...changes, [resolution]: rows.map(toBucketChange) };
      }
      return {
        checkpoint: file.checkpoint(),
        service: service.row,
        latest: latestOf(counts),
        flags: service.flags,
        counts: counts.map(toFlagCounts),
        changes,
      };
    });
  }
}
