import type { ProjectionJob } from '#operational-state';

/** A queued rebuild of `users`, with some changes. */
export function jobWith(changes: Partial<ProjectionJob> = {}): ProjectionJob {
  return {
    sid: `JB${'0'.repeat(32)}`,
    projection: 'users',
    kind: 'rebuild',
    parameters: {},
    requestedBy: 'key:SK1',
    number: 1,
    status: 'queued',
    cancelledBy: null,
    runner: null,
    heartbeats: 0,
    progress: null,
    result: null,
    error: null,
    createdAt: 0,
    startedAt: null,
    updatedAt: 0,
    endedAt: null,
    ...changes,
  };
}
