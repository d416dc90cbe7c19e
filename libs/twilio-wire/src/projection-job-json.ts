import type { JobResult, ProjectionJob } from '#operational-state';
import { formatEventRef } from '#projections';
import { apiUrl, type ViewContext } from './view-context.ts';

/** A job on a projection, with its progress and its result. */
export function projectionJobJson(job: ProjectionJob, { accountSid, origin }: ViewContext) {
  const { sid, projection, kind, status, parameters, progress, result } = job;
  return {
    sid,
    account_sid: accountSid,
    projection,
    kind,
    status,
    version: parameters.version ?? null,
    restart: parameters.restart ?? null,
    event: parameters.event === undefined ? null : formatEventRef(parameters.event),
    requested_by: job.requestedBy,
    cancelled_by: job.cancelledBy,
    runner: job.runner?.id ?? null,
    events_done: progress?.events ?? null,
    events_total: progress?.totalEvents ?? null,
    ...paceOf(job),
    result: result === null ? null : resultJson(result),
    error: job.error,
    date_created: toIso(job.createdAt),
    date_started: toIso(job.startedAt),
    date_updated: toIso(job.updatedAt),
    date_ended: toIso(job.endedAt),
    url: apiUrl(origin, 'Projections', projection, 'Jobs', sid),
  };
}

/** How fast a job is, and when it will have folded everything at that pace: null where that is not known. */
function paceOf({ status, progress, startedAt, updatedAt }: ProjectionJob) {
  const seconds = startedAt === null ? 0 : (updatedAt - startedAt) / 1_000;
  const rate = progress === null || seconds <= 0 ? null : progress.events / seconds;
  const left = (progress?.totalEvents ?? NaN) - (progress?.events ?? 0);
  const endAt = rate === null ? NaN : updatedAt + (left / rate) * 1_000;
  return {
    events_per_second: rate === null ? null : Math.round(rate),
    date_estimated_end: status === 'running' && Number.isFinite(endAt) ? toIso(endAt) : null,
  };
}

function resultJson({ version, events, remaining, verification }: JobResult) {
  return {
    version: version ?? null,
    events: events ?? null,
    remaining_dead_letters: remaining ?? null,
    verification:
      verification === undefined
        ? null
        : {
            position: verification.position,
            rows: verification.rows,
            differences: verification.differences,
            shown: verification.shown,
            live_hash: verification.liveHash,
            rebuilt_hash: verification.rebuiltHash,
            dead_letters: verification.deadLetters,
          },
  };
}

function toIso(milliseconds: number): string;
function toIso(milliseconds: number | null): string | null;
function toIso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
