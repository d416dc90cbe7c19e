import type { ProjectionJob } from '#operational-state';

/** Another job of the same kind and projection has not ended. */
export class JobConflictError extends Error {
  override readonly name = 'JobConflictError';
  readonly code = 'JOB.CONFLICT';
  /** The job that has not ended. */
  readonly job: ProjectionJob;

  constructor(job: ProjectionJob) {
    const { sid, kind, projection, status, requestedBy } = job;
    super(
      `Job ${sid}, the ${kind} of ${projection} that ${requestedBy} has asked for, is ${status}`,
    );
    this.job = job;
  }
}

/** The job ends because somebody has cancelled it. */
export class JobCancelledError extends Error {
  override readonly name = 'JobCancelledError';
  readonly code = 'JOB.CANCELLED';

  constructor(cancelledBy: string) {
    super(`The job was cancelled by ${cancelledBy}`);
  }
}

/** Other processes have taken the runner of the job for dead. */
export class JobLostError extends Error {
  override readonly name = 'JobLostError';
  readonly code = 'JOB.LOST';

  constructor() {
    super('Other processes have given the job up: this one has shown no sign of life for too long');
  }
}
