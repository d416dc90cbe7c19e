import {
  integer,
  integerOrNull,
  oneOf,
  text,
  textOrNull,
  type SqlRow,
} from '#projections/adapters/columns';
import {
  JOB_KINDS,
  JOB_STATUSES,
  type JobParameters,
  type JobProgress,
  type JobResult,
  type ProjectionJob,
} from '../jobs/projection-job.ts';

/**
 * Returns the job in a row of `projection_jobs`. Only this program writes it, so its JSON is not checked: the library for
 * that has 683 modules, which the thread of operational state would load for jobs alone.
 *
 * @throws UnexpectedColumnError where a column has another type
 */
export function toJob(row: SqlRow): ProjectionJob {
  const runnerId = textOrNull(row, 'runner');
  const shownProgress = textOrNull(row, 'progress');
  const shownResult = textOrNull(row, 'result');
  return {
    number: integer(row, 'number'),
    sid: text(row, 'sid'),
    projection: text(row, 'projection'),
    kind: oneOf(row, 'kind', JOB_KINDS),
    parameters: JSON.parse(text(row, 'parameters')) as JobParameters,
    status: oneOf(row, 'status', JOB_STATUSES),
    requestedBy: text(row, 'requested_by'),
    cancelledBy: textOrNull(row, 'cancelled_by'),
    runner: runnerId === null ? null : { id: runnerId, silenceMs: integer(row, 'silence_ms') },
    heartbeats: integer(row, 'heartbeats'),
    progress: shownProgress === null ? null : (JSON.parse(shownProgress) as JobProgress),
    result: shownResult === null ? null : (JSON.parse(shownResult) as JobResult),
    error: textOrNull(row, 'error'),
    createdAt: integer(row, 'created_at'),
    startedAt: integerOrNull(row, 'started_at'),
    updatedAt: integer(row, 'updated_at'),
    endedAt: integerOrNull(row, 'ended_at'),
  };
}
