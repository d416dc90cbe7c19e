import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { NodeEvent } from './node-events.ts';

/** One api process over all of its starts. `incarnation` counts the starts; 0 means never started. */
export interface NodeState {
  readonly incarnation: number;
  readonly running: boolean;
  /** When recently lost incarnations were last seen, oldest first. Snapshots contain this name, so it stays. */
  readonly lastAlive: readonly LastSeen[];
}

/** When an incarnation last renewed its lease, in ISO 8601 by the clock of its node. */
export interface LastSeen {
  readonly incarnation: number;
  readonly at: string;
}

/** One start of one process. A Connection on a socket carries the incarnation that holds it. */
export interface Incarnation {
  readonly nodeId: string;
  readonly incarnation: number;
}

export type NodeCommand =
  /** `lastSeen`: from the lease that an earlier process with this id left behind. */
  | { readonly type: 'StartNode'; readonly nodeId: string; readonly lastSeen?: LastSeen }
  | ({ readonly type: 'LoseNode'; readonly lastSeenAt?: string } & Incarnation)
  | ({ readonly type: 'StopNode' } & Incarnation);

/** More than a node can lose while a worker closes the Connections of one lost incarnation. */
const MAX_KNOWN_LOSSES = 16;

const initialState: NodeState = { incarnation: 0, running: false, lastAlive: [] };

/**
 * Starting a node whose last incarnation never ended first records that incarnation as lost: only one process may
 * run under an id, so the earlier one is gone.
 *
 * @throws DomainError `NODE.INCARNATION_ENDED` when an incarnation that is not running stops
 */
function decide(command: NodeCommand, state: NodeState): NodeEvent[] {
  if (command.type === 'StartNode') {
    const { nodeId, lastSeen } = command;
    const next: NodeEvent = {
      type: 'NodeStarted',
      data: { nodeId, incarnation: state.incarnation + 1 },
    };
    if (!state.running) return [next];
    const { incarnation } = state;
    const at = lastSeen?.incarnation === incarnation ? lastSeen.at : undefined;
    return [nodeLost({ nodeId, incarnation }, at), next];
  }
  const { nodeId, incarnation } = command;
  if (!state.running || incarnation !== state.incarnation) {
    if (command.type === 'LoseNode') return [];
    throw new DomainError(
      'NODE.INCARNATION_ENDED',
      `Incarnation ${incarnation} of node ${nodeId} is not running`,
    );
  }
  if (command.type === 'LoseNode') return [nodeLost({ nodeId, incarnation }, command.lastSeenAt)];
  return [{ type: 'NodeStopped', data: { nodeId, incarnation } }];
}

function nodeLost(incarnation: Incarnation, lastAliveAt: string | undefined): NodeEvent {
  const lastSeen = lastAliveAt === undefined ? {} : { lastAliveAt };
  return { type: 'NodeLost', data: { ...incarnation, ...lastSeen } };
}

function evolve(state: NodeState, event: NodeEvent): NodeState {
  const { incarnation } = event.data;
  if (event.type === 'NodeStarted') return { ...state, incarnation, running: true };
  if (incarnation !== state.incarnation) return state;
  const at = event.type === 'NodeLost' ? event.data.lastAliveAt : undefined;
  if (at === undefined) return { ...state, running: false };
  const before = state.lastAlive.slice(-(MAX_KNOWN_LOSSES - 1));
  return { ...state, running: false, lastAlive: [...before, { incarnation, at }] };
}

/** When a lost incarnation was last seen; null when unknown. */
export function nodeLastSeenAt({ lastAlive }: NodeState, incarnation: number): string | null {
  return lastAlive.find((lastSeen) => lastSeen.incarnation === incarnation)?.at ?? null;
}

/** True once `incarnation` was stopped, lost, or followed by a later one. */
export function hasEnded(
  state: Pick<NodeState, 'incarnation' | 'running'>,
  incarnation: number,
): boolean {
  return incarnation < state.incarnation || (incarnation === state.incarnation && !state.running);
}

export const nodeDecider: Decider<NodeState, NodeCommand, NodeEvent> = {
  initialState,
  decide,
  evolve,
};
