import type { DomainEvent } from '#domain';
import type { EventLog } from '#event-store';
import { catchUp, type CatchUpOptions } from './catch-up.ts';
import type { ProjectionVersions } from './projection-versions.ts';
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
 */
export async function rebuild<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventLog,
  versions: ProjectionVersions<State>,
  options: CatchUpOptions = {},
): Promise<RebuildResult> {
  const { version, store } = await versions.findOrCreateBuilding();
  let events = await catchUp(projection, log, store, options);
  await versions.switchTo(version, async () => {
    events += await catchUp(projection, log, store, options);
  });
  return { version, events };
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
