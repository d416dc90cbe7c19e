import { setTimeout as delay } from 'node:timers/promises';
import { reached, type Position } from '#event-store';
import { ProjectionRunner } from '#projections';
import { usersProjection } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIo } from '../io/command-io.ts';

/** How often to look at a checkpoint that another process may move, in milliseconds. */
const POLL_MS = 10;
/** A checkpoint that stands still for as long has nobody who moves it, in milliseconds. */
const UNATTENDED_MS = 150;
/** How long a projection may be down before the command gives up, in milliseconds. */
const DOWN_MS = 3_000;
/** Catching up is mentioned when it takes longer, in milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * Brings the `users` projection to what is the end of the log now. Where a server keeps it up to date, it waits
 * for that; where nobody does, it folds by itself, which is safe also beside a server that wakes up meanwhile.
 *
 * @throws CliError where the projection cannot go on
 */
export async function catchUp(io: CommandIo, stores: Stores): Promise<void> {
  const head = await stores.events.head();
  if (await followedTo(head, io, stores)) return;
  await foldTo(head, io, stores);
}

/** Waits while somebody else moves the checkpoint; false once nobody does. */
async function followedTo(head: Position | null, io: CommandIo, stores: Stores): Promise<boolean> {
  let { position } = await stores.readModel.users.checkpoint();
  let movedAt = performance.now();
  while (!reached(position, head)) {
    if (performance.now() - movedAt > UNATTENDED_MS) return false;
    await delay(POLL_MS, undefined, { signal: io.signal });
    const next = (await stores.readModel.users.checkpoint()).position;
    if (next !== position) movedAt = performance.now();
    position = next;
  }
  return true;
}

async function foldTo(head: Position | null, io: CommandIo, stores: Stores): Promise<void> {
  const runner = new ProjectionRunner(usersProjection, stores.events, stores.readModel.usersRows);
  const startedAt = performance.now();
  let aliveAt = startedAt;
  let mentioned = false;
  runner.start();
  try {
    while (!reached((await stores.readModel.users.checkpoint()).position, head)) {
      await delay(POLL_MS, undefined, { signal: io.signal });
      const { state, error } = runner.status;
      if (state !== 'down') aliveAt = performance.now();
      if (performance.now() - aliveAt > DOWN_MS) {
        throw new CliError(EXIT.unavailable, `Projection users is down: ${error ?? 'no reason'}`);
      }
      if (!mentioned && performance.now() - startedAt > PATIENCE_MS) {
        mentioned = true;
        io.note('Catching up with the log before reading...\n');
      }
    }
  } finally {
    await runner.stop();
  }
}
