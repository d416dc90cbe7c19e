import type { DatabaseSync } from 'node:sqlite';
import type { Changes } from '#projections';
import { text } from '#projections/adapters/columns';
import type { SqliteTables } from '#projections/adapters/sqlite/version-file';
import { ANY_FLAG } from '../../../summary/counts.ts';
import type { SummaryState } from '../../../summary/summary-state.ts';
import { RESOLUTIONS, type Resolution } from '../../../summary/time-buckets.ts';
import {
  BUCKET_TABLES,
  COUNT_COLUMNS,
  droppedBuckets,
  summaryChanges,
  toSummaryState,
} from '../../summary/summary-changes.ts';

/** Maps the states of the `summary` projection to states, totals and buckets of one version. */
export class SummaryTables implements SqliteTables<SummaryState> {
  readonly #state;
  readonly #putState;
  readonly #dropState;
  readonly #addTotal;
  readonly #dropEmptyTotal;
  readonly #latest;
  readonly #putLatest;
  readonly #buckets: Readonly<Record<Resolution, ReturnType<typeof bucketStatements>>>;

  constructor(db: DatabaseSync) {
    this.#state = db.prepare('SELECT * FROM summary_states WHERE key = ?');
    this.#putState = db.prepare('INSERT OR REPLACE INTO summary_states VALUES (?, ?)');
    this.#dropState = db.prepare('DELETE FROM summary_states WHERE key = ?');
    this.#addTotal = db.prepare(
      `INSERT INTO summary_totals VALUES (?, ?, ?, ?, ?, ?, ?, NULL)
       ON CONFLICT (service_sid, flag) DO UPDATE SET ${ADDED}`,
    );
    this.#dropEmptyTotal = db.prepare(
      `DELETE FROM summary_totals WHERE service_sid = ? AND flag = ? AND flag <> '' AND ${EMPTY}`,
    );
    this.#latest = db.prepare(
      `SELECT latest FROM summary_totals WHERE service_sid = ? AND flag = ''`,
    );
    this.#putLatest = db.prepare(
      `INSERT INTO summary_totals VALUES (?1, '', 0, 0, 0, 0, 0, ?2)
       ON CONFLICT (service_sid, flag) DO UPDATE SET latest = max(coalesce(latest, ''), ?2)`,
    );
    this.#buckets = {
      minute: bucketStatements(db, BUCKET_TABLES.minute),
      hour: bucketStatements(db, BUCKET_TABLES.hour),
    };
  }

  load(keys: readonly string[]): Map<string, SummaryState> {
    const states = new Map<string, SummaryState>();
    for (const key of keys) {
      const row = this.#state.get(key);
      if (row !== undefined) states.set(key, toSummaryState(row));
    }
    return states;
  }

  save(changes: Changes<SummaryState>): void {
    const { states, totals, buckets, latest } = summaryChanges(changes);
    for (const [key, state] of states) {
      if (state === null) this.#dropState.run(key);
      else this.#putState.run(key, state);
    }
    for (const { serviceSid, flag, values } of totals) {
      this.#addTotal.run(serviceSid, flag, ...values);
      if (flag !== ANY_FLAG) this.#dropEmptyTotal.run(serviceSid, flag);
    }
    for (const resolution of RESOLUTIONS) {
      const { add, dropEmpty } = this.#buckets[resolution];
      for (const { serviceSid, bucket, flag, values } of buckets[resolution]) {
        add.run(serviceSid, bucket, flag, ...values);
        dropEmpty.run(serviceSid, bucket, flag);
      }
    }
    for (const [serviceSid, at] of latest) this.#dropOldBuckets(serviceSid, at);
  }

  #dropOldBuckets(serviceSid: string, at: string): void {
    this.#putLatest.run(serviceSid, at);
    const row = this.#latest.get(serviceSid) ?? {};
    for (const [resolution, bucket] of droppedBuckets(text(row, 'latest'))) {
      this.#buckets[resolution].dropOld.run(serviceSid, bucket);
    }
  }
}

const ADDED = COUNT_COLUMNS.map((column) => `${column} = ${column} + excluded.${column}`).join(
  ', ',
);
const EMPTY = COUNT_COLUMNS.map((column) => `${column} = 0`).join(' AND ');

function bucketStatements(db: DatabaseSync, table: string) {
  return {
    add: db.prepare(
      `INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (service_sid, bucket, flag) DO UPDATE SET ${ADDED}`,
    ),
    dropEmpty: db.prepare(
      `DELETE FROM ${table} WHERE service_sid = ? AND bucket = ? AND flag = ? AND ${EMPTY}`,
    ),
    dropOld: db.prepare(`DELETE FROM ${table} WHERE service_sid = ? AND bucket <= ?`),
  };
}
