import { notify, type Database } from '#postgres';
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
import { toJob } from '../job-codec.ts';

/** Topic of the notifications that a job was queued. */
export const JOBS_TOPIC = 'projection_jobs_queued';

const ACTIVE = "status IN ('queued', 'running')";

/** Jobs in PostgreSQL. */
export class PostgresProjectionJobStore implements ProjectionJobStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(job: NewJob, runner: JobRunner | null, now: number): Promise<JobCreation> {
    const { sid, projection, kind, parameters, requestedBy } = job;
    for (;;) {
      const existing = await this.find(projection, sid);
      if (existing !== null) return { outcome: 'exists', job: existing };
      const created = await this.#database.transaction('write', async (queries) => {
        const [row] = await queries.query(
          `INSERT INTO reachability.projection_jobs
             (sid, projection, kind, parameters, requested_by, status, runner, silence_ms, created_at, updated_at, started_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10) ON CONFLICT DO NOTHING RETURNING *`,
          [
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
          ],
        );
        await notify(queries, JOBS_TOPIC);
        return row;
      });
      if (created !== undefined) return { outcome: 'created', job: toJob(created) };
      const [other] = await this.#database.query(
        `SELECT * FROM reachability.projection_jobs
         WHERE projection = $1 AND kind = $2 AND ${ACTIVE}`,
        [projection, kind],
      );
      // Otherwise it has ended since.
      if (other !== undefined) return { outcome: 'conflict', job: toJob(other) };
    }
  }

  claim(
    kinds: readonly JobKind[],
    { id, silenceMs }: JobRunner,
    now: number,
  ): Promise<ProjectionJob | null> {
    return this.#one(
      `WITH next AS MATERIALIZED (
         SELECT number FROM reachability.projection_jobs
         WHERE status = 'queued' AND kind = ANY ($1::text[])
         ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
       UPDATE reachability.projection_jobs AS job SET status = 'running', runner = $2, silence_ms = $3,
         heartbeats = heartbeats + 1, progress = NULL, started_at = $4, updated_at = $4
       FROM next WHERE job.number = next.number RETURNING job.*`,
      [kinds, id, silenceMs, now],
    );
  }

  heartbeat(
    sid: string,
    runnerId: string,
    progress: JobProgress | null,
    now: number,
  ): Promise<ProjectionJob | null> {
    return this.#one(
      `UPDATE reachability.projection_jobs
       SET heartbeats = heartbeats + 1, progress = $3, updated_at = $4
       WHERE sid = $1 AND runner = $2 AND status = 'running' RETURNING *`,
      [sid, runnerId, progress === null ? null : JSON.stringify(progress), now],
    );
  }

  async finish(sid: string, runnerId: string, outcome: JobOutcome, now: number): Promise<boolean> {
    const result = outcome.status === 'succeeded' ? JSON.stringify(outcome.result) : null;
    const error = outcome.status === 'failed' ? outcome.error : null;
    const finished = await this.#database.write(
      `UPDATE reachability.projection_jobs
       SET status = $3, result = $4, error = $5, updated_at = $6, ended_at = $6
       WHERE sid = $1 AND runner = $2 AND status = 'running'`,
      [sid, runnerId, outcome.status, result, error, now],
    );
    return finished === 1;
  }

  async release(sid: string, runnerId: string, now: number): Promise<void> {
    await this.#database.transaction('write', async (queries) => {
      await queries.write(
        `UPDATE reachability.projection_jobs SET
           status = CASE WHEN cancelled_by IS NULL THEN 'queued' ELSE 'cancelled' END,
           ended_at = CASE WHEN cancelled_by IS NULL THEN NULL ELSE $3::bigint END, updated_at = $3
         WHERE sid = $1 AND runner = $2 AND status = 'running'`,
        [sid, runnerId, now],
      );
      await notify(queries, JOBS_TOPIC);
    });
  }

  async cancel(
    projection: string,
    sid: string,
    actor: string,
    now: number,
  ): Promise<ProjectionJob | null> {
    await this.#database.write(
      `UPDATE reachability.projection_jobs SET cancelled_by = coalesce(cancelled_by, $3),
         ended_at = CASE WHEN status = 'queued' THEN $4::bigint ELSE ended_at END,
         status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END, updated_at = $4
       WHERE projection = $1 AND sid = $2 AND ${ACTIVE}`,
      [projection, sid, actor, now],
    );
    return this.find(projection, sid);
  }

  async abandon(job: ProjectionJob, error: string, now: number): Promise<boolean> {
    const abandoned = await this.#database.write(
      `UPDATE reachability.projection_jobs
       SET status = 'failed', error = $4, updated_at = $5, ended_at = $5
       WHERE sid = $1 AND runner IS NOT DISTINCT FROM $2 AND heartbeats = $3 AND status = 'running'`,
      [job.sid, job.runner?.id ?? null, job.heartbeats, error, now],
    );
    return abandoned === 1;
  }

  find(projection: string, sid: string): Promise<ProjectionJob | null> {
    return this.#one(
      'SELECT * FROM reachability.projection_jobs WHERE projection = $1 AND sid = $2',
      [projection, sid],
    );
  }

  async list(filter: JobFilter, cursor: JobCursor, size: number): Promise<JobPage> {
    const forward = 'after' in cursor;
    const number = forward ? cursor.after : cursor.before;
    const conditions = [
      ['projection =', filter.projection],
      ['kind =', filter.kind],
      ['status =', filter.status],
      [forward ? 'number <' : 'number >', number ?? undefined],
    ].flatMap(([condition, value]) => (value === undefined ? [] : [[condition, value] as const]));
    const where = conditions.map(([condition], index) => `${condition} $${index + 1}`);
    const found = await this.#database.query(
      `SELECT * FROM reachability.projection_jobs WHERE ${where.join(' AND ')}
       ORDER BY number ${forward ? 'DESC' : 'ASC'} LIMIT $${where.length + 1}`,
      [...conditions.map(([, value]) => value), size + 1],
    );
    return pageOfRows(found, { cursor, size }, toJob);
  }

  async active(): Promise<ProjectionJob[]> {
    const rows = await this.#database.query(
      `SELECT * FROM reachability.projection_jobs WHERE ${ACTIVE} ORDER BY number`,
    );
    return rows.map(toJob);
  }

  async prune(projection: string, kept: number): Promise<void> {
    await this.#database.write(
      `DELETE FROM reachability.projection_jobs WHERE projection = $1 AND NOT (${ACTIVE})
         AND number <= (SELECT number FROM reachability.projection_jobs
           WHERE projection = $1 AND NOT (${ACTIVE}) ORDER BY number DESC LIMIT 1 OFFSET $2)`,
      [projection, kept],
    );
  }

  async #one(
    statement: string,
    values: Parameters<Database['query']>[1],
  ): Promise<ProjectionJob | null> {
    const [row] = await this.#database.query(statement, values);
    return row === undefined ? null : toJob(row);
  }
}
