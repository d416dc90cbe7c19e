import type { EventLog } from '#event-store';
import type { JobProgress, JobResult, NewJob } from '#operational-state';
import type { CatchUpOptions, ProjectionOperations } from '#projections';
import { findProjection, type ProjectionSources } from '../projections.ts';
import { ProgressEstimate } from './job-progress.ts';
import { MOST_DIFFERENCES, shownDifferences } from './shown-differences.ts';

/** What a job is told while it runs, and tells. */
export interface JobWork {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
}

/**
 * Carries out a job in this thread, which may be busy for long, and returns what it has done.
 *
 * @throws ProjectionError at an event that cannot be folded
 * @throws VersionStateError if a version is not in a state for it any more
 * @throws CheckpointMovedError if another process works on the same version
 */
export async function runJob(
  { projection: name, kind, parameters }: Pick<NewJob, 'projection' | 'kind' | 'parameters'>,
  sources: ProjectionSources,
  { signal, onProgress }: JobWork,
): Promise<JobResult> {
  const { events: log } = sources;
  const projection = findProjection(sources, name);
  if (projection === null) throw new Error(`This program has no projection ${name}`);
  const estimate = new ProgressEstimate(await log.head());
  const options: CatchUpOptions = {
    signal,
    onProgress: ({ position, events }) => onProgress(estimate.at(position, events)),
  };
  switch (kind) {
    case 'rebuild':
      if (parameters.restart === true) await dropBuilding(projection, log);
      return projection.rebuild(log, options);
    case 'verify':
      return verify(projection, log, options);
    case 'switch': {
      const version = versionOf(parameters);
      await projection.switchTo(log, version, options);
      return { version };
    }
    case 'drop': {
      const version = versionOf(parameters);
      await projection.drop(version);
      return { version };
    }
    case 'retry': {
      const { folded, remaining } = await projection.retry(log);
      return { events: folded, remaining };
    }
    case 'skip': {
      if (parameters.event === undefined) throw new Error('The job names no event');
      const { folded, remaining } = await projection.skip(log, parameters.event);
      return { events: folded, remaining };
    }
  }
}

function versionOf({ version }: NewJob['parameters']): number {
  if (version === undefined) throw new Error('The job names no version');
  return version;
}

async function verify(
  projection: ProjectionOperations,
  log: EventLog,
  options: CatchUpOptions,
): Promise<JobResult> {
  const verified = await projection.verify(log, MOST_DIFFERENCES, options);
  const { events, position, rows, differences, shown, liveHash, rebuiltHash, deadLetters } =
    verified;
  return {
    events,
    verification: {
      position,
      rows,
      differences,
      shown: shownDifferences(shown),
      liveHash,
      rebuiltHash,
      deadLetters,
    },
  };
}

/** Deletes the version of an interrupted rebuild, if there is one. */
export async function dropBuilding(projection: ProjectionOperations, log: EventLog): Promise<void> {
  const { versions } = await projection.status(log, new Date());
  const building = versions.find(({ state }) => state === 'building');
  if (building !== undefined) await projection.drop(building.version);
}
