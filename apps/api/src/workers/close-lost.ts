import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError, lastAliveAt, userStream, type NodeState } from '#domain';
import { latest, type Position } from '#event-store';
import type { HeldConnection } from '#read-model';
import type { Aggregates } from '../infrastructure/aggregates.ts';

/** What came of closing some Connections; the others had been closed before. */
export interface ClosedLost {
  readonly closed: number;
  /** Place of the last close, null where there was none. */
  readonly position: Position | null;
  /** Why some could not be closed, which costs their neighbours nothing. */
  readonly failures: readonly unknown[];
}

/**
 * Closes Connections whose node has ended, all at once: their Users are read together, and the log commits the
 * closes as one group. Each is still a command of its own with an expected revision of its own, so whoever is
 * outrun by another process, or by a client that comes back, starts over alone.
 */
export async function closeLost(
  { users }: Aggregates,
  node: NodeState,
  connections: readonly HeldConnection[],
): Promise<ClosedLost> {
  const positions: (Position | null)[] = [];
  const failures: unknown[] = [];
  // A failure to read many is met again by each that reads alone, unless it was another's.
  await users
    .preload(connections.map(({ userSid }) => userStream(userSid)))
    .catch((error: unknown) => failures.push(error));
  // Reading and deciding for a page take some milliseconds each: sockets are served in between.
  await nextTurn();
  const close = async (connection: HeldConnection): Promise<void> => {
    try {
      positions.push(await closeOne(users, node, connection));
    } catch (error) {
      // What the rules refuse has been closed by somebody else.
      if (!(error instanceof DomainError)) failures.push(error);
    }
  };
  await Promise.all(connections.map(close));
  return { closed: positions.length, position: positions.reduce(latest, null), failures };
}

async function closeOne(
  users: Aggregates['users'],
  node: NodeState,
  connection: HeldConnection,
): Promise<Position | null> {
  const { sid, userSid } = connection;
  const context = { commandId: randomUUID(), correlationId: sid, actor: 'worker' };
  const command = {
    type: 'CloseConnection',
    connectionSid: sid,
    cause: 'node_lost',
    lastSeenAt: lastSeenAt(node, connection),
  } as const;
  const { position } = await users.handle(userStream(userSid), command, context);
  return position;
}

/**
 * What is known of a client whose node died: it was there when it connected, and the node held its Connection when it
 * last showed that it lived, where that was later.
 */
function lastSeenAt(state: NodeState, { node, openedAt }: HeldConnection): string {
  const alive = lastAliveAt(state, node.incarnation) ?? '';
  return alive > openedAt ? alive : openedAt;
}
