import { deriveSid } from '#domain';
import type { EventLog, CommandContext } from '#event-store';
import type { JobKind, JobParameters, OperationalState, ProjectionJob } from '#operational-state';
import { formatEventRef, type ProjectionOperations, type VersionStatus } from '#projections';
import { findProjection, type ProjectionSources } from '../projections.ts';
import { RefusedError } from '../refused-error.ts';
import { JobConflictError } from './job-errors.ts';

export interface JobRequest {
  readonly projection: string;
  readonly kind: JobKind;
  readonly parameters: JobParameters;
  readonly context: Pick<CommandContext, 'commandId' | 'actor'>;
}

type Stores = ProjectionSources & {
  readonly operations: Pick<OperationalState, 'projectionJobs' | 'now'>;
};

/**
 * Queues a job, which a worker carries out. Repeated with the same command id it returns the same job. Returns null where
 * there is no such projection.
 *
 * @throws RefusedError if the projection is not in a state for it; the message begins with the name of the parameter
 * @throws JobConflictError if another job of this kind has not ended
 */
export async function requestJob(
  { events, readModel, operations }: Stores,
  { projection: name, kind, parameters, context }: JobRequest,
): Promise<ProjectionJob | null> {
  const projection = findProjection({ readModel }, name);
  if (projection === null) return null;
  const job = {
    sid: deriveSid('JB', context.commandId),
    projection: name,
    kind,
    parameters: await checkedParameters(projection, events, kind, parameters),
    requestedBy: context.actor,
  };
  const now = await operations.now();
  const created = await operations.projectionJobs.create(job, null, now);
  if (created.outcome === 'conflict') throw new JobConflictError(created.job);
  return created.job;
}

async function checkedParameters(
  projection: ProjectionOperations,
  events: EventLog,
  kind: JobKind,
  { version, restart, event }: JobParameters,
): Promise<JobParameters> {
  switch (kind) {
    case 'rebuild':
      return restart === true ? { restart } : {};
    case 'switch':
    case 'drop': {
      const { versions } = await projection.status(events, new Date());
      return { version: otherVersion(projection.name, versions, kind, version) };
    }
    case 'skip': {
      if (event === undefined) throw new RefusedError('Event is missing');
      const letter = await projection.deadLetter(event);
      if (letter === null || letter.error === null) {
        throw new RefusedError(
          `Event ${formatEventRef(event)} is not a dead letter of ${projection.name} that could not be folded`,
        );
      }
      return { event };
    }
    case 'verify':
    case 'retry':
      return {};
  }
}

function otherVersion(
  name: string,
  versions: readonly VersionStatus[],
  kind: 'switch' | 'drop',
  wanted: number | undefined,
): number {
  if (wanted === undefined && kind === 'drop') throw new RefusedError('Version is missing');
  const version = wanted ?? versions.findLast(({ state }) => state === 'kept')?.version;
  if (version === undefined) throw new RefusedError(`Version is missing: ${name} has no kept one`);
  const found = versions.find((known) => known.version === version);
  if (found === undefined) throw new RefusedError(`Version ${version} of ${name} does not exist`);
  if (found.state === 'live') throw new RefusedError(`Version ${version} of ${name} is live`);
  if (kind === 'switch' && found.state === 'building') {
    throw new RefusedError(`Version ${version} of ${name} is not complete: rebuild it`);
  }
  return version;
}
