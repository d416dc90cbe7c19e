import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError, nodeLastSeenAt, userStream, type NodeState } from '#domain';
import { latest, type Position } from '#event-store';
import type { NodeConnection } from '#read-model';
import type { Aggregates } from './aggregates.ts';
import { recordConnectionClose } from './connections.ts';
import { systemContext } from './system-context.ts';

export interface ClosedOrphans {
  /** How many were closed; the others had been closed before. */
  readonly closed: number;
  /** Position of the last close, null if there was none. */
  readonly position: Position | null;
  /** Errors of the Connections that could not be closed. They do not affect the others. */
  readonly failures: readonly unknown[];
}

/**
 * Closes Connections of a node that has ended, a page at a time: their Users are read together, and the log commits
 * the closes as one group. Each close is still a command with an expected revision of its own, so one that loses to
 * another process, or to a client that reconnects, starts over alone.
 */
export async function closeOrphanedConnections(
  aggregates: Aggregates,
  {
    node,
    connections,
  }: { readonly node: NodeState; readonly connections: readonly NodeConnection[] },
): Promise<ClosedOrphans> {
  const positions: (Position | null)[] = [];
  const failures: unknown[] = [];
  // Where reading all Users at once fails, each close reads its User alone, and fails alone.
  await aggregates.users
    .preload(connections.map(({ userSid }) => userStream(userSid)))
    .catch((error: unknown) => failures.push(error));
  // Reading and deciding for a page take some milliseconds each: sockets are served in between.
  await nextTurn();
  const close = async (connection: NodeConnection): Promise<void> => {
    const { sid: connectionSid, userSid } = connection;
    try {
      const { position } = await recordConnectionClose(aggregates, {
        userSid,
        connectionSid,
        cause: 'node_lost',
        lastSeenAt: lastSeenAt(node, connection),
        context: systemContext('worker', connectionSid),
      });
      positions.push(position);
    } catch (error) {
      // A close that the rules refuse was recorded by another process.
      if (!(error instanceof DomainError)) failures.push(error);
    }
  };
  await Promise.all(connections.map(close));
  return { closed: positions.length, position: positions.reduce(latest, null), failures };
}

/** The last sign of life of the node that held the Connection, or the opening if that is later. */
function lastSeenAt(state: NodeState, { node, openedAt }: NodeConnection): string {
  const alive = nodeLastSeenAt(state, node.incarnation) ?? '';
  return alive > openedAt ? alive : openedAt;
}
