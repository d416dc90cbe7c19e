import { setTimeout as delay } from 'node:timers/promises';
import type { DomainEvent } from '#domain';
import { hasReached, type EventStore, type Position } from '#event-store';
import { DatabasePermissionError } from '#postgres/errors';
import {
  catchUp as fold,
  CheckpointMovedError,
  ProjectionError,
  ProjectionRunner,
  type CatchUpOptions,
  type Projection,
  type ProjectionVersions,
} from '#projections';
import { summaryProjection, timelineProjection, usersProjection } from '#read-model';
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

/** A projection that a command reads. */
interface Target {
  readonly name: string;
  checkpoint(): Promise<Position | null>;
  fold(options: CatchUpOptions): Promise<unknown>;
  createRunner(): Pick<ProjectionRunner<never, never>, 'start' | 'stop' | 'status'>;
}

/**
 * Brings the `users` projection to the current end of the log. Waits where a server keeps it up to date, else folds
 * the log itself, which is safe even where a server starts in the meantime.
 *
 * @throws CliError if the projection is down, and where the role of the database only reads and no worker folds
 */
export function catchUp(io: CommandIo, { events, readModel }: Stores): Promise<void> {
  return bringToEnd(io, events, targetOf(usersProjection, events, readModel.usersVersions));
}

/** Does for the `timeline` what {@link catchUp} does for `users`. @throws CliError as that */
export function catchUpTimeline(io: CommandIo, { events, readModel }: Stores): Promise<void> {
  return bringToEnd(io, events, targetOf(timelineProjection, events, readModel.timelineVersions));
}

/** Does for the `summary` what {@link catchUp} does for `users`. @throws CliError as that */
export function catchUpSummary(io: CommandIo, { events, readModel }: Stores): Promise<void> {
  return bringToEnd(io, events, targetOf(summaryProjection, events, readModel.summaryVersions));
}

function targetOf<State extends object, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  events: EventStore,
  versions: Pick<ProjectionVersions<State>, 'live'>,
): Target {
  return {
    name: projection.name,
    checkpoint: async () => (await versions.live().checkpoint()).position,
    fold: (options) => fold(projection, events, versions.live(), options),
    createRunner: () => new ProjectionRunner(projection, events, versions.live()),
  };
}

async function bringToEnd(io: CommandIo, events: EventStore, target: Target): Promise<void> {
  const head = await events.head();
  while (!(await waitForCheckpoint(head, io, target, IDLE_MS))) {
    try {
      await foldToEnd(io, target);
    } catch (error) {
      if (error instanceof ProjectionError) await foldPastErrors(head, io, target);
      else if (error instanceof DatabasePermissionError) return waitForWorker(head, io, target);
      else if (!(error instanceof CheckpointMovedError)) throw error;
    }
  }
}

async function waitForWorker(head: Position | null, io: CommandIo, target: Target): Promise<void> {
  if (await waitForCheckpoint(head, io, target, WORKER_TIMEOUT_MS)) return;
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
async function waitForCheckpoint(
  head: Position | null,
  io: CommandIo,
  target: Target,
  idleMs: number,
): Promise<boolean> {
  let position = await target.checkpoint();
  let movedAt = performance.now();
  while (!hasReached(position, head)) {
    if (performance.now() - movedAt > idleMs) return false;
    await delay(POLL_MS, undefined, { signal: io.signal });
    const next = await target.checkpoint();
    if (next !== position) movedAt = performance.now();
    position = next;
  }
  return true;
}

async function foldToEnd(io: CommandIo, target: Target): Promise<void> {
  const progress = new Progress(io, { label: 'Catching up', unit: 'events', total: null });
  try {
    await target.fold({
      signal: io.signal,
      onProgress: ({ events: done }) => progress.update(done),
    });
  } finally {
    progress.end();
  }
}

/** Folds the log as a server does: an event that cannot be folded becomes a dead letter, the others are folded. */
async function foldPastErrors(head: Position | null, io: CommandIo, target: Target): Promise<void> {
  const runner = target.createRunner();
  let lastUpAt = performance.now();
  runner.start();
  try {
    while (!hasReached(await target.checkpoint(), head)) {
      await delay(POLL_MS, undefined, { signal: io.signal });
      const { state, error } = runner.status;
      if (state !== 'down') lastUpAt = performance.now();
      if (performance.now() - lastUpAt > DOWN_TIMEOUT_MS) {
        throw new CliError(
          EXIT.unavailable,
          `Projection ${target.name} is down: ${error ?? 'unknown reason'}`,
        );
      }
    }
  } finally {
    await runner.stop();
  }
}
