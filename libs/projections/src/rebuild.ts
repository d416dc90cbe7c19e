import type { DomainEvent } from '#domain';
import type { EventStore } from '#event-store';
import { catchUp, type CatchUpOptions } from './catch-up.ts';
import type { ProjectionVersions } from './projection-versions.ts';
import type { Projection } from './projection.ts';

/** What a rebuild came to. */
export interface Rebuilt {
  readonly version: number;
  readonly events: number;
}

/**
 * Rebuilds a projection beside the live version, which goes on serving reads and following the log: catches up in
 * a version of its own, drains what is left while the live one stands still for a moment, and switches. One that
 * was interrupted is taken up where it stood.
 *
 * @throws ProjectionError at the first event that cannot be folded; nothing is switched
 */
export async function rebuild<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventStore,
  versions: ProjectionVersions<State>,
  options: CatchUpOptions = {},
): Promise<Rebuilt> {
  const { version, rows } = await versions.building();
  let events = await catchUp(projection, log, rows, options);
  await versions.switchTo(version, async () => {
    events += await catchUp(projection, log, rows, options);
  });
  return { version, events };
}

/** Goes back (or forward) to a version that was kept: brings it up to date, then makes it live. */
export async function switchVersion<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventStore,
  versions: ProjectionVersions<State>,
  version: number,
  options: CatchUpOptions = {},
): Promise<void> {
  const rows = await versions.open(version);
  await catchUp(projection, log, rows, options);
  await versions.switchTo(version, async () => {
    await catchUp(projection, log, rows, options);
  });
}
