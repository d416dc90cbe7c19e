import { nodeStream, type Incarnation, type LastSeen } from '#domain';
import type { CommandContext } from '#event-store';
import type { Aggregates } from './aggregates.ts';
import type { Written } from './written.ts';

/**
 * Starts a new incarnation of a node. That also records the loss of the one before it, if that never stopped:
 * the process that has the node id knows that its last holder is gone.
 */
export async function startNode(
  { nodes }: Pick<Aggregates, 'nodes'>,
  {
    nodeId,
    lastSeen,
    context,
  }: {
    readonly nodeId: string;
    /** When the process before this one last renewed its lease; null if it is unknown. */
    readonly lastSeen: LastSeen | null;
    readonly context: CommandContext;
  },
): Promise<Incarnation> {
  const known = lastSeen === null ? {} : { lastSeen };
  const command = { type: 'StartNode', nodeId, ...known } as const;
  const { state } = await nodes.handle(nodeStream(nodeId), command, context);
  return { nodeId, incarnation: state.incarnation };
}

/**
 * Records that an incarnation stopped in good order.
 *
 * @throws DomainError `NODE.INCARNATION_ENDED`
 */
export function stopNode(
  { nodes }: Pick<Aggregates, 'nodes'>,
  { node, context }: { readonly node: Incarnation; readonly context: CommandContext },
): Promise<Written> {
  return nodes.handle(nodeStream(node.nodeId), { type: 'StopNode', ...node }, context);
}

/** Records that an incarnation is lost; false if it had ended already. Any number of processes may do so. */
export async function loseNode(
  { nodes }: Pick<Aggregates, 'nodes'>,
  {
    node,
    lastSeenAt,
    context,
  }: {
    readonly node: Incarnation;
    /** ISO 8601 time of its last sign of life; undefined if it is unknown. */
    readonly lastSeenAt: string | undefined;
    readonly context: CommandContext;
  },
): Promise<boolean> {
  const known = lastSeenAt === undefined ? {} : { lastSeenAt };
  const command = { type: 'LoseNode', ...node, ...known } as const;
  const { appended } = await nodes.handle(nodeStream(node.nodeId), command, context);
  return appended.length > 0;
}
