import type { DomainEvent } from '#domain';
import type { EventLog } from '#event-store';
import { catchUp, type CatchUpOptions } from './catch-up.ts';
import { VersionStateError, type ProjectionVersions } from './projection-versions.ts';
import type { Projection } from './projection.ts';

/** Result of a rebuild. */
export interface RebuildResult {
  readonly version: number;
  readonly events: number;
}

/**
 * Rebuilds a projection into a new version, then switches to it. The live version keeps serving reads and following
 * the log; it is locked only while the last events are folded. Resumes an interrupted rebuild.
 *
 * @throws ProjectionError at the first event that cannot be folded; nothing is switched
 * @throws CheckpointMovedError when another process works on the same version
 * @throws VersionStateError when another process has made that version live, or deleted it
 */
export async function rebuild<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventLog,
  versions: Pick<ProjectionVersions<State>, 'findOrCreateBuilding' | 'switchTo' | 'status'>,
  options: CatchUpOptions = {},
): Promise<RebuildResult> {
  const { version, store } = await versions.findOrCreateBuilding();
  let events = await catchUp(projection, log, store, options);
  try {
    await versions.switchTo(version, async () => {
      events += await catchUp(projection, log, store, continued(options, events));
    });
  } catch (error) {
    if (!(error instanceof VersionStateError)) throw error;
    const found = (await versions.status()).find((known) => known.version === version);
    if (found?.state === 'building') throw error;
    throw new VersionStateError(
      `Another process has ended the rebuild of ${projection.name}: version ${version} is ${found?.state ?? 'deleted'} now`,
      { cause: error },
    );
  }
  return { version, events };
}

/** Options that report progress in addition to the events that were folded before. */
function continued(options: CatchUpOptions, before: number): CatchUpOptions {
  const { onProgress } = options;
  if (onProgress === undefined) return options;
  return {
    ...options,
    onProgress: ({ position, events }) => onProgress({ position, events: before + events }),
  };
}

/** Brings a kept version up to date, then makes it live. */
export async function switchVersion<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventLog,
  versions: ProjectionVersions<State>,
  version: number,
  options: CatchUpOptions = {},
): Promise<void> {
  const store = await versions.open(version);
  await catchUp(projection, log, store, options);
  await versions.switchTo(version, async () => {
    await catchUp(projection, log, store, options);
  });
}
