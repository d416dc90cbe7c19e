import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { NodeEvent } from './node-events.ts';

/** One api process and the count of its starts. `incarnation` 0: never started. */
export interface NodeState {
  readonly incarnation: number;
  readonly running: boolean;
}

/** Names one start of one process; a Connection held by a socket carries it. */
export interface Incarnation {
  readonly nodeId: string;
  readonly incarnation: number;
}

export type NodeCommand =
  | { readonly type: 'StartNode'; readonly nodeId: string }
  | ({ readonly type: 'LoseNode' } & Incarnation)
  | ({ readonly type: 'StopNode' } & Incarnation);

const initialState: NodeState = { incarnation: 0, running: false };

/**
 * Starting a node whose last incarnation never ended first records that one as lost: whoever may start under
 * this id knows that the process before it is gone.
 *
 * @throws DomainError `NODE.INCARNATION_ENDED` when a stop comes from an incarnation that is not running: it was
 *   given up, or never began
 */
function decide(command: NodeCommand, state: NodeState): NodeEvent[] {
  if (command.type === 'StartNode') {
    const { nodeId } = command;
    const next: NodeEvent = {
      type: 'NodeStarted',
      data: { nodeId, incarnation: state.incarnation + 1 },
    };
    const lost: NodeEvent = {
      type: 'NodeLost',
      data: { nodeId, incarnation: state.incarnation },
    };
    return state.running ? [lost, next] : [next];
  }
  const { nodeId, incarnation } = command;
  if (!state.running || incarnation !== state.incarnation) {
    if (command.type === 'LoseNode') return [];
    throw new DomainError(
      'NODE.INCARNATION_ENDED',
      `Incarnation ${incarnation} of node ${nodeId} is not running`,
    );
  }
  const type = command.type === 'LoseNode' ? 'NodeLost' : 'NodeStopped';
  return [{ type, data: { nodeId, incarnation } }];
}

function evolve(state: NodeState, event: NodeEvent): NodeState {
  const { incarnation } = event.data;
  if (event.type === 'NodeStarted') return { incarnation, running: true };
  return incarnation === state.incarnation ? { ...state, running: false } : state;
}

/** True once `incarnation` was stopped, lost, or followed by a later one. */
export function hasEnded(state: NodeState, incarnation: number): boolean {
  return incarnation < state.incarnation || (incarnation === state.incarnation && !state.running);
}

export const nodeDecider: Decider<NodeState, NodeCommand, NodeEvent> = {
  initialState,
  decide,
  evolve,
};
