import { setTimeout as delay } from 'node:timers/promises';
import { reached, type Position } from '#event-store';
import {
  catchUp as fold,
  CheckpointMovedError,
  ProjectionError,
  ProjectionRunner,
} from '#projections';
import { usersProjection } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIo } from '../io/command-io.ts';
import { Progress } from '../io/progress.ts';

/** How often to look at a checkpoint that another process may move, in milliseconds. */
const POLL_MS = 10;
/** A checkpoint that stands still for as long has nobody who moves it, in milliseconds. */
const UNATTENDED_MS = 150;
/** How long a projection may be down before the command gives up, in milliseconds. */
const DOWN_MS = 3_000;

/**
 * Brings the `users` projection to what is the end of the log now. Where a server keeps it up to date, it waits
 * for that; where nobody does, it folds by itself, which is safe also beside a server that wakes up meanwhile.
 *
 * @throws CliError where the projection cannot go on
 */
export async function catchUp(io: CommandIo, stores: Stores): Promise<void> {
  const head = await stores.events.head();
  while (!(await followedTo(head, io, stores))) {
    try {
      await foldAll(io, stores);
    } catch (error) {
      if (error instanceof ProjectionError) await foldAround(head, io, stores);
      else if (!(error instanceof CheckpointMovedError)) throw error;
    }
  }
}

/** Waits while somebody else moves the checkpoint; false once nobody does. */
async function followedTo(head: Position | null, io: CommandIo, stores: Stores): Promise<boolean> {
  let position = await checkpoint(stores);
  let movedAt = performance.now();
  while (!reached(position, head)) {
    if (performance.now() - movedAt > UNATTENDED_MS) return false;
    await delay(POLL_MS, undefined, { signal: io.signal });
    const next = await checkpoint(stores);
    if (next !== position) movedAt = performance.now();
    position = next;
  }
  return true;
}

async function foldAll(io: CommandIo, { events, readModel }: Stores): Promise<void> {
  const progress = new Progress(io, { label: 'Catching up', unit: 'events', total: null });
  try {
    await fold(usersProjection, events, readModel.usersVersions.live(), {
      signal: io.signal,
      onProgress: ({ events: done }) => progress.update(done),
    });
  } finally {
    progress.end();
  }
}

/** Past an event that cannot be folded: set aside as a server would, so that the rest can be answered for. */
async function foldAround(head: Position | null, io: CommandIo, stores: Stores): Promise<void> {
  const { events, readModel } = stores;
  const runner = new ProjectionRunner(usersProjection, events, readModel.usersVersions.live());
  let aliveAt = performance.now();
  runner.start();
  try {
    while (!reached(await checkpoint(stores), head)) {
      await delay(POLL_MS, undefined, { signal: io.signal });
      const { state, error } = runner.status;
      if (state !== 'down') aliveAt = performance.now();
      if (performance.now() - aliveAt > DOWN_MS) {
        throw new CliError(EXIT.unavailable, `Projection users is down: ${error ?? 'no reason'}`);
      }
    }
  } finally {
    await runner.stop();
  }
}

async function checkpoint({ readModel }: Stores): Promise<Position | null> {
  return (await readModel.users.checkpoint()).position;
}
