import type { DomainEvent } from '#domain';
import { hasReached, type EventLog } from '#event-store';
import type { CatchUpOptions } from './catch-up.ts';
import type { EventRef, DeadLetter, DeadLetterCursor, DeadLetterPage } from './dead-letter.ts';
import { lagOf, type Lag } from './lag.ts';
import type { ProjectionVersions, VersionStatus } from './projection-versions.ts';
import type { Projection } from './projection.ts';
import { rebuild, switchVersion, type RebuildResult } from './rebuild.ts';
import { retryDeadLetters, type RetryResult } from './retry-dead-letters.ts';
import { verify, type VerificationResult } from './verify.ts';

/** Seconds after which a checkpoint that is behind and has not moved counts as stuck. */
const STUCK_AFTER_SECONDS = 10;

/** Status of a projection, for operators. */
export interface ProjectionStatus {
  readonly name: string;
  readonly live: VersionStatus;
  readonly versions: readonly VersionStatus[];
  readonly lag: Lag;
  /**
   * Behind the log and not moving for more than ten seconds. A projection that is behind but moves will catch up;
   * one that is stuck needs attention.
   */
  readonly stuck: boolean;
}

/** Operations on a projection, independent of the type of its states. */
export interface ProjectionOperations {
  readonly name: string;
  status(log: EventLog, now: Date): Promise<ProjectionStatus>;
  rebuild(log: EventLog, options?: CatchUpOptions): Promise<RebuildResult>;
  verify(log: EventLog, show: number, options?: CatchUpOptions): Promise<VerificationResult>;
  switchTo(log: EventLog, version: number, options?: CatchUpOptions): Promise<void>;
  drop(version: number): Promise<void>;
  deadLetters(): Promise<DeadLetter[]>;
  deadLetterPage(cursor: DeadLetterCursor, size: number): Promise<DeadLetterPage>;
  deadLetter(event: EventRef): Promise<DeadLetter | null>;
  retry(log: EventLog): Promise<RetryResult>;
  /** Skips an event for good, in every version, and retries the other dead letters. */
  skip(log: EventLog, event: EventRef): Promise<RetryResult>;
}

export function projectionOperations<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  versions: ProjectionVersions<State>,
): ProjectionOperations {
  return {
    name: projection.name,
    status: (log, now) => statusOf(projection.name, versions, log, now),
    rebuild: (log, options) => rebuild(projection, log, versions, options),
    verify: (log, show, options) => verify(projection, log, versions, show, options),
    switchTo: (log, version, options) => switchVersion(projection, log, versions, version, options),
    drop: (version) => versions.drop(version),
    deadLetters: () => versions.deadLetters(),
    deadLetterPage: (cursor, size) => versions.deadLetterPage(cursor, size),
    deadLetter: (event) => versions.deadLetter(event),
    retry: (log) => retryDeadLetters(projection, log, versions),
    skip: async (log, event) => {
      await versions.skip(event);
      return retryDeadLetters(projection, log, versions);
    },
  };
}

async function statusOf<State>(
  name: string,
  versions: ProjectionVersions<State>,
  log: EventLog,
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
