import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '#domain';
import type {
  JobOutcome,
  JobProgress,
  JobResult,
  OperationalState,
  ProjectionJob,
} from '#operational-state';
import { JobCancelledError, JobLostError } from './job-errors.ts';
import type { JobWork } from './run-job.ts';

/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 1_000;
/** Jobs of a projection that stay listed after their end. */
const KEPT_JOBS = 100;
/** Most characters of an error that are kept. */
const LONGEST_ERROR = 2_000;

/** How a process is done with a job. `released`: another one will start it. `lost`: it was given up by others. */
export type JobEnd = JobOutcome | { readonly status: 'released' } | { readonly status: 'lost' };

export interface CarryOutOptions {
  readonly work: (work: JobWork) => Promise<JobResult>;
  /** Aborted when the process stops: the job goes back into the queue. */
  readonly stop: AbortSignal;
  /** Called with the error of a heartbeat that failed; it is repeated. */
  readonly onError: (error: unknown) => void;
}

/**
 * Runs a job that this process has claimed, with heartbeats, until it has ended and that is recorded. Ends it early when it
 * was cancelled, or others have taken this process for dead.
 */
export async function carryOutJob(
  { projectionJobs: jobs, now }: Pick<OperationalState, 'projectionJobs' | 'now'>,
  { sid, projection, runner }: ProjectionJob,
  { work, stop, onError }: CarryOutOptions,
): Promise<JobEnd> {
  const runnerId = runner?.id ?? '';
  const aborting = new AbortController();
  const { signal } = aborting;
  let progress: JobProgress | null = null;
  const ended = outcomeOf(
    work({ signal: AbortSignal.any([signal, stop]), onProgress: (known) => (progress = known) }),
  );

  const beat = async (): Promise<void> => {
    const known = await jobs.heartbeat(sid, runnerId, progress, await now());
    if (known === null) aborting.abort(new JobLostError());
    else if (known.cancelledBy !== null) aborting.abort(new JobCancelledError(known.cancelledBy));
  };
  const record = async (outcome: JobOutcome): Promise<JobEnd> => {
    const isFailure = outcome.status === 'failed';
    if (signal.reason instanceof JobLostError) return { status: 'lost' };
    if (isFailure && signal.aborted) return finish({ status: 'cancelled' });
    if (isFailure && stop.aborted) {
      await jobs.release(sid, runnerId, await now());
      return { status: 'released' };
    }
    return finish(outcome);
  };
  const finish = async (outcome: JobOutcome): Promise<JobEnd> => {
    await jobs.heartbeat(sid, runnerId, progress, await now());
    if (!(await jobs.finish(sid, runnerId, outcome, await now()))) return { status: 'lost' };
    await jobs.prune(projection, KEPT_JOBS);
    return outcome;
  };

  let outcome = await within(HEARTBEAT_MS, ended);
  while (outcome === null) {
    await beat().catch(onError);
    outcome = await within(HEARTBEAT_MS, ended);
  }
  for (;;) {
    try {
      return await record(outcome);
    } catch (error) {
      onError(error);
      // Others will find this process silent, as far as they can tell without the store.
      if (stop.aborted) return { status: 'lost' };
      await delay(HEARTBEAT_MS);
    }
  }
}

async function outcomeOf(result: Promise<JobResult>): Promise<JobOutcome> {
  try {
    return { status: 'succeeded', result: await result };
  } catch (error) {
    return { status: 'failed', error: errorMessage(error).slice(0, LONGEST_ERROR) };
  }
}

/** Returns what a promise settles with, or null if it does not within some milliseconds. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  const waiting = new AbortController();
  try {
    return await Promise.race([promise, delay(ms, null, { signal: waiting.signal })]);
  } finally {
    waiting.abort();
  }
}
