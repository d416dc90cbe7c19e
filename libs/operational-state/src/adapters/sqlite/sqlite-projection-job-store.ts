import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { transaction } from '#projections/adapters/sqlite/transaction';
import type { SqlRow } from '#projections/adapters/columns';
import { pageOfRows } from '#projections/adapters/page-of-rows';
import type {
  JobCreation,
  JobCursor,
  JobFilter,
  JobOutcome,
  JobPage,
  ProjectionJobStore,
} from '../../jobs/projection-job-store.ts';
import type {
  JobKind,
  JobProgress,
  JobRunner,
  NewJob,
  ProjectionJob,
} from '../../jobs/projection-job.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS projection_jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sid TEXT NOT NULL UNIQUE,
    projection TEXT NOT NULL,
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    status TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    cancelled_by TEXT,
    runner TEXT,
    silence_ms INTEGER,
    heartbeats INTEGER NOT NULL DEFAULT 0,
    progress TEXT,
    result TEXT,
    error TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS one_active_projection_job ON projection_jobs (projection, kind)
    WHERE status IN ('queued', 'running');
  CREATE INDEX IF NOT EXISTS projection_jobs_by_projection ON projection_jobs (projection, number);
`;

/** Jobs in SQLite. */
export class SqliteProjectionJobStore implements ProjectionJobStore {
  readonly #db: DatabaseSync;
  readonly #create: StatementSync;
  readonly #activeOfKind: StatementSync;
  readonly #heartbeat: StatementSync;
  readonly #finish: StatementSync;
  readonly #release: StatementSync;
  readonly #cancel: StatementSync;
  readonly #abandon: StatementSync;
  readonly #find: StatementSync;
  readonly #active: StatementSync;
  readonly #prune: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#db = db;
    this.#create = db.prepare(
      `INSERT INTO projection_jobs
         (sid, projection, kind, parameters, requested_by, status, runner, silence_ms, created_at, updated_at, started_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10) ON CONFLICT DO NOTHING RETURNING *`,
    );
    this.#activeOfKind = db.prepare(
      `SELECT * FROM projection_jobs
       WHERE projection = ? AND kind = ? AND status IN ('queued', 'running')`,
    );
    this.#heartbeat = db.prepare(
      `UPDATE projection_jobs SET heartbeats = heartbeats + 1, progress = ?, updated_at = ?
       WHERE sid = ? AND runner = ? AND status = 'running' RETURNING *`,
    );
    this.#finish = db.prepare(
      `UPDATE projection_jobs SET status = ?, result = ?, error = ?, updated_at = ?4, ended_at = ?4
       WHERE sid = ?5 AND runner = ?6 AND status = 'running'`,
    );
    this.#release = db.prepare(
      `UPDATE projection_jobs SET
         status = CASE WHEN cancelled_by IS NULL THEN 'queued' ELSE 'cancelled' END,
         ended_at = CASE WHEN cancelled_by IS NULL THEN NULL ELSE ?1 END, updated_at = ?1
       WHERE sid = ?2 AND runner = ?3 AND status = 'running'`,
    );
    this.#cancel = db.prepare(
      `UPDATE projection_jobs SET cancelled_by = coalesce(cancelled_by, ?1),
         ended_at = CASE WHEN status = 'queued' THEN ?2 ELSE ended_at END,
         status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END, updated_at = ?2
       WHERE projection = ?3 AND sid = ?4 AND status IN ('queued', 'running')`,
    );
    this.#abandon = db.prepare(
      `UPDATE projection_jobs SET status = 'failed', error = ?1, updated_at = ?2, ended_at = ?2
       WHERE sid = ?3 AND runner IS ?4 AND heartbeats = ?5 AND status = 'running'`,
    );
    this.#find = db.prepare('SELECT * FROM projection_jobs WHERE projection = ? AND sid = ?');
    this.#active = db.prepare(
      "SELECT * FROM projection_jobs WHERE status IN ('queued', 'running') ORDER BY number",
    );
    this.#prune = db.prepare(
      `DELETE FROM projection_jobs WHERE projection = ?1 AND status NOT IN ('queued', 'running')
         AND number <= (SELECT number FROM projection_jobs
           WHERE projection = ?1 AND status NOT IN ('queued', 'running')
           ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
    );
  }

  async create(job: NewJob, runner: JobRunner | null, now: number): Promise<JobCreation> {
    const { sid, projection, kind, parameters, requestedBy } = job;
    const { outcome, row } = transaction(this.#db, 'IMMEDIATE', () => {
      const existing = this.#find.get(projection, sid);
      if (existing !== undefined) return { outcome: 'exists' as const, row: existing };
      const created = this.#create.get(
        sid,
        projection,
        kind,
        JSON.stringify(parameters),
        requestedBy,
        runner === null ? 'queued' : 'running',
        runner?.id ?? null,
        runner?.silenceMs ?? null,
        now,
        runner === null ? null : now,
      );
      if (created !== undefined) return { outcome: 'created' as const, row: created };
      const other = this.#activeOfKind.get(projection, kind);
      if (other === undefined) throw new Error(`Job ${sid} belongs to another projection`);
      return { outcome: 'conflict' as const, row: other };
    });
    return { outcome, job: await readJob(row) };
  }

  async claim(
    kinds: readonly JobKind[],
    { id, silenceMs }: JobRunner,
    now: number,
  ): Promise<ProjectionJob | null> {
    const marks = kinds.map(() => '?').join(', ');
    const row = this.#db
      .prepare(
        `UPDATE projection_jobs SET status = 'running', runner = ?, silence_ms = ?,
           heartbeats = heartbeats + 1, progress = NULL, started_at = ?, updated_at = ?
         WHERE number = (SELECT number FROM projection_jobs
           WHERE status = 'queued' AND kind IN (${marks}) ORDER BY number LIMIT 1) RETURNING *`,
      )
      .get(id, silenceMs, now, now, ...kinds);
    return row === undefined ? null : readJob(row);
  }

  async heartbeat(
    sid: string,
    runnerId: string,
    progress: JobProgress | null,
    now: number,
  ): Promise<ProjectionJob | null> {
    const shown = progress === null ? null : JSON.stringify(progress);
    const row = this.#heartbeat.get(shown, now, sid, runnerId);
    return row === undefined ? null : readJob(row);
  }

  async finish(sid: string, runnerId: string, outcome: JobOutcome, now: number): Promise<boolean> {
    const result = outcome.status === 'succeeded' ? JSON.stringify(outcome.result) : null;
    const error = outcome.status === 'failed' ? outcome.error : null;
    return this.#finish.run(outcome.status, result, error, now, sid, runnerId).changes === 1;
  }

  async release(sid: string, runnerId: string, now: number): Promise<void> {
    this.#release.run(now, sid, runnerId);
  }

  async cancel(
    projection: string,
    sid: string,
    actor: string,
    now: number,
  ): Promise<ProjectionJob | null> {
    this.#cancel.run(actor, now, projection, sid);
    return this.find(projection, sid);
  }

  async abandon(job: ProjectionJob, error: string, now: number): Promise<boolean> {
    const { sid, runner, heartbeats } = job;
    return this.#abandon.run(error, now, sid, runner?.id ?? null, heartbeats).changes === 1;
  }

  async find(projection: string, sid: string): Promise<ProjectionJob | null> {
    const row = this.#find.get(projection, sid);
    return row === undefined ? null : readJob(row);
  }

  async list(filter: JobFilter, cursor: JobCursor, size: number): Promise<JobPage> {
    const forward = 'after' in cursor;
    const number = forward ? cursor.after : cursor.before;
    const conditions = [
      ['projection = ?', filter.projection],
      ['kind = ?', filter.kind],
      ['status = ?', filter.status],
      [forward ? 'number < ?' : 'number > ?', number ?? undefined],
    ].flatMap(([condition, value]) => (value === undefined ? [] : [[condition, value] as const]));
    const found = this.#db
      .prepare(
        `SELECT * FROM projection_jobs WHERE ${conditions.map(([condition]) => condition).join(' AND ')}
         ORDER BY number ${forward ? 'DESC' : 'ASC'} LIMIT ?`,
      )
      .all(...conditions.map(([, value]) => value), size + 1);
    const { toJob } = await loadCodec();
    return pageOfRows(found, { cursor, size }, toJob);
  }

  async active(): Promise<ProjectionJob[]> {
    return Promise.all(this.#active.all().map(readJob));
  }

  async prune(projection: string, kept: number): Promise<void> {
    this.#prune.run(projection, kept);
  }
}

/** Loads the schemas of jobs, which most processes never need. */
const loadCodec = () => import('../job-codec.ts');

async function readJob(row: SqlRow): Promise<ProjectionJob> {
  const { toJob } = await loadCodec();
  return toJob(row);
}
