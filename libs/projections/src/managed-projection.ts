import type { DomainEvent } from '#domain';
import { hasReached, type EventStore } from '#event-store';
import type { CatchUpOptions } from './catch-up.ts';
import type { EventPlace, HeldEvent } from './dead-letter.ts';
import { lagOf, type Lag } from './lag.ts';
import type { ProjectionVersions, VersionStatus } from './projection-versions.ts';
import type { Projection } from './projection.ts';
import { rebuild, switchVersion, type Rebuilt } from './rebuild.ts';
import { releaseHeld, type Released } from './release-held.ts';
import { verify, type Verified } from './verify.ts';

/** Seconds after which a checkpoint that is behind and has not moved counts as stuck. */
const STUCK_AFTER_SECONDS = 10;

/** How a projection stands. */
export interface ProjectionStatus {
  readonly name: string;
  readonly live: VersionStatus;
  readonly versions: readonly VersionStatus[];
  readonly lag: Lag;
  /**
   * Behind, and not moving for more than ten seconds: a signal of its own, since a projection that is far behind
   * but moves needs patience, and one that stands still needs somebody to look.
   */
  readonly stuck: boolean;
}

/** What an operator can do with a projection, whatever its states are. */
export interface ManagedProjection {
  readonly name: string;
  status(log: EventStore, now: Date): Promise<ProjectionStatus>;
  rebuild(log: EventStore, options?: CatchUpOptions): Promise<Rebuilt>;
  verify(log: EventStore, show: number, options?: CatchUpOptions): Promise<Verified>;
  switchTo(log: EventStore, version: number, options?: CatchUpOptions): Promise<void>;
  drop(version: number): Promise<void>;
  held(): Promise<HeldEvent[]>;
  retry(log: EventStore): Promise<Released>;
  /** Passes over an event for good, in every version, and folds what waited behind it. */
  skip(log: EventStore, place: EventPlace): Promise<Released>;
}

export function manage<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  versions: ProjectionVersions<State>,
): ManagedProjection {
  return {
    name: projection.name,
    status: (log, now) => statusOf(projection.name, versions, log, now),
    rebuild: (log, options) => rebuild(projection, log, versions, options),
    verify: (log, show, options) => verify(projection, log, versions, show, options),
    switchTo: (log, version, options) => switchVersion(projection, log, versions, version, options),
    drop: (version) => versions.drop(version),
    held: () => versions.held(),
    retry: (log) => releaseHeld(projection, log, versions),
    skip: async (log, place) => {
      await versions.skip(place);
      return releaseHeld(projection, log, versions);
    },
  };
}

async function statusOf<State>(
  name: string,
  versions: ProjectionVersions<State>,
  log: EventStore,
  now: Date,
): Promise<ProjectionStatus> {
  const all = await versions.status();
  const live = all.find(({ state }) => state === 'live');
  if (live === undefined) throw new Error(`No version of ${name} is live`);
  const lag = await lagOf(log, live.position, now);
  const { movedAt } = live;
  const still = movedAt === null ? Infinity : (now.getTime() - Date.parse(movedAt)) / 1_000;
  const behind = !hasReached(live.position, await log.head());
  return {
    name,
    live,
    versions: all,
    lag,
    stuck: behind && Math.min(still, lag.seconds) > STUCK_AFTER_SECONDS,
  };
}
