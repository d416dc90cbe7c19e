import type {
  JobKind,
  JobProgress,
  JobResult,
  JobRunner,
  JobStatus,
  NewJob,
  ProjectionJob,
} from './projection-job.ts';

/**
 * `created`: the job is new. `exists`: it was created before, by the same request. `conflict`: `job` is another one of the
 * same kind and projection that has not ended.
 */
export interface JobCreation {
  readonly outcome: 'created' | 'exists' | 'conflict';
  readonly job: ProjectionJob;
}

/** How a job ended. */
export type JobOutcome =
  | { readonly status: 'succeeded'; readonly result: JobResult }
  | { readonly status: 'failed'; readonly error: string }
  | { readonly status: 'cancelled' };

export interface JobFilter {
  readonly projection: string;
  readonly kind?: JobKind;
  readonly status?: JobStatus;
}

/** The page after or before the number of a job. Pages list the newest job first. */
export type JobCursor = { readonly after: number | null } | { readonly before: number };

export interface JobPage {
  readonly rows: readonly ProjectionJob[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

/**
 * Operations on projections that some process is to carry out. Of each kind and projection, one at most has not ended. Times
 * are milliseconds since the epoch, by the clock that all processes share; they are only shown. Whether a runner lives is
 * judged by others from its heartbeats, by their own clocks.
 */
export interface ProjectionJobStore {
  /** Adds a job to the queue, or as one that `runner` runs already. */
  create(job: NewJob, runner: JobRunner | null, now: number): Promise<JobCreation>;
  /** Gives the oldest queued job of some kinds to a runner; null if there is none. */
  claim(kinds: readonly JobKind[], runner: JobRunner, now: number): Promise<ProjectionJob | null>;
  /** Shows that the runner lives, and how far it is. Returns the job; null once it is not the runner's any more. */
  heartbeat(
    sid: string,
    runnerId: string,
    progress: JobProgress | null,
    now: number,
  ): Promise<ProjectionJob | null>;
  /** Ends a job. Returns false, and changes nothing, if it is not the runner's any more. */
  finish(sid: string, runnerId: string, outcome: JobOutcome, now: number): Promise<boolean>;
  /** Puts a job back into the queue whose runner stops in good order; ends one that is to be cancelled. */
  release(sid: string, runnerId: string, now: number): Promise<void>;
  /** Ends a queued job, and asks the runner of another one to end it. Returns it afterwards; null if there is none. */
  cancel(
    projection: string,
    sid: string,
    actor: string,
    now: number,
  ): Promise<ProjectionJob | null>;
  /** Fails a job whose runner has shown no life since `job` was read. Returns whether that was so. */
  abandon(job: ProjectionJob, error: string, now: number): Promise<boolean>;

  find(projection: string, sid: string): Promise<ProjectionJob | null>;
  list(filter: JobFilter, cursor: JobCursor, size: number): Promise<JobPage>;
  /** Jobs that have not ended, the oldest first. */
  active(): Promise<ProjectionJob[]>;
  /** Deletes the jobs of a projection that have ended, except the newest `kept`. */
  prune(projection: string, kept: number): Promise<void>;
}
