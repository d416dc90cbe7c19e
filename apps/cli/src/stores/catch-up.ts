import { setTimeout as delay } from 'node:timers/promises';
import type { ReachabilityEvent } from '#domain';
import { hasReached, type EventStore, type Position } from '#event-store';
import { DatabasePermissionError } from '#postgres/errors';
import {
  catchUp as fold,
  CheckpointMovedError,
  ProjectionError,
  ProjectionRunner,
  type Projection,
  type ProjectionVersions,
} from '#projections';
import { summaryProjection, usersProjection } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIo } from '../io/command-io.ts';
import { Progress } from '../io/progress.ts';

/** How often to read a checkpoint that another process may move, in milliseconds. */
const POLL_MS = 10;
/** How long a checkpoint may stay the same before the command tries to fold the log itself, in milliseconds. */
const IDLE_MS = 150;
/** How long to wait for a worker where this command may not fold the log itself, in milliseconds. */
const WORKER_TIMEOUT_MS = 5_000;
/** How long a projection may be down before the command gives up, in milliseconds. */
const DOWN_TIMEOUT_MS = 3_000;

/** A projection to bring to the end of the log. */
interface Follower<State> {
  readonly projection: Projection<State, ReachabilityEvent>;
  readonly versions: ProjectionVersions<State>;
  readonly log: EventStore;
  readonly io: CommandIo;
}

/**
 * Brings the `users` projection to the current end of the log. Waits where a server keeps it up to date, else folds
 * the log itself, which is safe even where a server starts in the meantime.
 *
 * @throws CliError if the projection is down, and where the role of the database only reads and no worker folds
 */
export function catchUp(io: CommandIo, { events: log, readModel }: Stores): Promise<void> {
  const { usersVersions: versions } = readModel;
  return bringToEnd({ projection: usersProjection, versions, log, io });
}

/** Like {@link catchUp}, for the `summary` projection. @throws CliError */
export function catchUpSummary(io: CommandIo, { events: log, readModel }: Stores): Promise<void> {
  const { summaryVersions: versions } = readModel;
  return bringToEnd({ projection: summaryProjection, versions, log, io });
}

async function bringToEnd<State extends object>(follower: Follower<State>): Promise<void> {
  const head = await follower.log.head();
  while (!(await waitForCheckpoint(head, follower, IDLE_MS))) {
    try {
      await foldToEnd(follower);
    } catch (error) {
      if (error instanceof ProjectionError) await foldPastErrors(head, follower);
      else if (error instanceof DatabasePermissionError) return waitForWorker(head, follower);
      else if (!(error instanceof CheckpointMovedError)) throw error;
    }
  }
}

async function waitForWorker<State>(
  head: Position | null,
  follower: Follower<State>,
): Promise<void> {
  if (await waitForCheckpoint(head, follower, WORKER_TIMEOUT_MS)) return;
  throw new CliError(
    EXIT.unavailable,
    'The read model is behind the log, and no worker brings it up to date; the role of DATABASE_URL may not',
  );
}

/**
 * Waits while another process moves the checkpoint; returns whether it reached `head`.
 *
 * @param idleMs how long the checkpoint may stay the same
 */
async function waitForCheckpoint<State>(
  head: Position | null,
  follower: Follower<State>,
  idleMs: number,
): Promise<boolean> {
  let position = await checkpoint(follower);
  let movedAt = performance.now();
  while (!hasReached(position, head)) {
    if (performance.now() - movedAt > idleMs) return false;
    await delay(POLL_MS, undefined, { signal: follower.io.signal });
    const next = await checkpoint(follower);
    if (next !== position) movedAt = performance.now();
    position = next;
  }
  return true;
}

async function foldToEnd<State extends object>({
  projection,
  versions,
  log,
  io,
}: Follower<State>): Promise<void> {
  const progress = new Progress(io, { label: 'Catching up', unit: 'events', total: null });
  try {
    await fold(projection, log, versions.live(), {
      signal: io.signal,
      onProgress: ({ events: done }) => progress.update(done),
    });
  } finally {
    progress.end();
  }
}

/** Folds the log as a server does: an event that cannot be folded becomes a dead letter, the others are folded. */
async function foldPastErrors<State>(
  head: Position | null,
  follower: Follower<State>,
): Promise<void> {
  const { projection, versions, log, io } = follower;
  const runner = new ProjectionRunner(projection, log, versions.live());
  let lastUpAt = performance.now();
  runner.start();
  try {
    while (!hasReached(await checkpoint(follower), head)) {
      await delay(POLL_MS, undefined, { signal: io.signal });
      const { state, error } = runner.status;
      if (state !== 'down') lastUpAt = performance.now();
      if (performance.now() - lastUpAt > DOWN_TIMEOUT_MS) {
        throw new CliError(
          EXIT.unavailable,
          `Projection ${projection.name} is down: ${error ?? 'unknown reason'}`,
        );
      }
    }
  } finally {
    await runner.stop();
  }
}

async function checkpoint<State>({ versions }: Follower<State>): Promise<Position | null> {
  return (await versions.live().checkpoint()).position;
}
