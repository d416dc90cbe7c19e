/**
 * What a job does to a projection. `rebuild`: folds the log into a new version and makes it live. `verify`: compares the live
 * version with a rebuild. `switch`: makes another version live. `drop`: deletes a version. `retry`: folds the dead letters.
 * `skip`: passes over one dead letter for good.
 */
export const JOB_KINDS = ['rebuild', 'verify', 'switch', 'drop', 'retry', 'skip'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** `queued`: no process runs it yet. The last three are final. */
export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** What a job needs to know, by its kind. */
export interface JobParameters {
  /** The version to switch to or to drop. */
  readonly version?: number;
  /** Whether a rebuild starts over instead of continuing an interrupted one. */
  readonly restart?: boolean;
  /** The event to skip. */
  readonly event?: { readonly stream: string; readonly revision: number };
}

/** How far a job has come. */
export interface JobProgress {
  /** Events folded since the job was last started. */
  readonly events: number;
  /** Estimate of how many there will have been at the end; null where nothing is known yet. */
  readonly totalEvents: number | null;
}

/** A row that differs between the live version and a rebuild. */
export interface JobDifference {
  readonly table: string;
  readonly key: string;
  /** `missing` and `surplus` describe the live version. */
  readonly kind: 'different' | 'missing' | 'surplus';
  readonly columns: readonly {
    readonly column: string;
    readonly live: string;
    readonly rebuilt: string;
  }[];
}

/** What a comparison with a rebuild has found. */
export interface JobVerification {
  /** Up to where the log was compared. */
  readonly position: string | null;
  readonly rows: number;
  /** Number of differences, including those not shown. */
  readonly differences: number;
  readonly shown: readonly JobDifference[];
  readonly liveHash: string;
  readonly rebuiltHash: string;
  readonly deadLetters: number;
}

/** What a job that succeeded has done. Only that is present which its kind does. */
export interface JobResult {
  /** The version that was made live or deleted. */
  readonly version?: number;
  /** Events that were folded. */
  readonly events?: number;
  /** Number of events that are still dead letters. */
  readonly remaining?: number;
  readonly verification?: JobVerification;
}

/** What somebody asks for. */
export interface NewJob {
  readonly sid: string;
  readonly projection: string;
  readonly kind: JobKind;
  readonly parameters: JobParameters;
  /** Who asked for it: an API key, or a user of the command line. */
  readonly requestedBy: string;
}

/** A process that runs jobs. */
export interface JobRunner {
  /** Unique among all processes. */
  readonly id: string;
  /** Milliseconds without a heartbeat after which others may take it for dead. */
  readonly silenceMs: number;
}

/** An operation on a projection. Times are milliseconds since the epoch, by the clock that all processes share. */
export interface ProjectionJob extends NewJob {
  /** Increases from job to job. */
  readonly number: number;
  readonly status: JobStatus;
  /** Who wants it to end; null if nobody does. */
  readonly cancelledBy: string | null;
  /** The process that runs it, or ran it last. */
  readonly runner: JobRunner | null;
  /** Changes with each heartbeat of the runner. */
  readonly heartbeats: number;
  readonly progress: JobProgress | null;
  readonly result: JobResult | null;
  /** Why it failed. */
  readonly error: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly updatedAt: number;
  readonly endedAt: number | null;
}
