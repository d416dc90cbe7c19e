import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { NodeEvent } from './node-events.ts';

/** One api process and the count of its starts. `incarnation` 0: never started. */
export interface NodeState {
  readonly incarnation: number;
  readonly running: boolean;
  /** Of the incarnations that were lost of late, oldest first: when each last showed that it lived. */
  readonly lastAlive: readonly LastAlive[];
}

/** When an incarnation of a node last showed that it lived, in ISO 8601 by the clock of the node. */
export interface LastAlive {
  readonly incarnation: number;
  readonly at: string;
}

/** Names one start of one process; a Connection held by a socket carries it. */
export interface Incarnation {
  readonly nodeId: string;
  readonly incarnation: number;
}

export type NodeCommand =
  /** `lastAlive`: what the process before it under this id has left behind. */
  | { readonly type: 'StartNode'; readonly nodeId: string; readonly lastAlive?: LastAlive }
  | ({ readonly type: 'LoseNode'; readonly lastAliveAt?: string } & Incarnation)
  | ({ readonly type: 'StopNode' } & Incarnation);

/** Lost incarnations whose last moment is remembered: more than a node loses while a worker closes what one held. */
const REMEMBERED_LOSSES = 16;

const initialState: NodeState = { incarnation: 0, running: false, lastAlive: [] };

/**
 * Starting a node whose last incarnation never ended first records that one as lost: whoever may start under
 * this id knows that the process before it is gone.
 *
 * @throws DomainError `NODE.INCARNATION_ENDED` when a stop comes from an incarnation that is not running: it was
 *   given up, or never began
 */
function decide(command: NodeCommand, state: NodeState): NodeEvent[] {
  if (command.type === 'StartNode') {
    const { nodeId, lastAlive } = command;
    const next: NodeEvent = {
      type: 'NodeStarted',
      data: { nodeId, incarnation: state.incarnation + 1 },
    };
    if (!state.running) return [next];
    const { incarnation } = state;
    const at = lastAlive?.incarnation === incarnation ? lastAlive.at : undefined;
    return [lost({ nodeId, incarnation }, at), next];
  }
  const { nodeId, incarnation } = command;
  if (!state.running || incarnation !== state.incarnation) {
    if (command.type === 'LoseNode') return [];
    throw new DomainError(
      'NODE.INCARNATION_ENDED',
      `Incarnation ${incarnation} of node ${nodeId} is not running`,
    );
  }
  if (command.type === 'LoseNode') return [lost({ nodeId, incarnation }, command.lastAliveAt)];
  return [{ type: 'NodeStopped', data: { nodeId, incarnation } }];
}

function lost(incarnation: Incarnation, lastAliveAt: string | undefined): NodeEvent {
  const known = lastAliveAt === undefined ? {} : { lastAliveAt };
  return { type: 'NodeLost', data: { ...incarnation, ...known } };
}

function evolve(state: NodeState, event: NodeEvent): NodeState {
  const { incarnation } = event.data;
  if (event.type === 'NodeStarted') return { ...state, incarnation, running: true };
  if (incarnation !== state.incarnation) return state;
  const at = event.type === 'NodeLost' ? event.data.lastAliveAt : undefined;
  if (at === undefined) return { ...state, running: false };
  const before = state.lastAlive.slice(-(REMEMBERED_LOSSES - 1));
  return { ...state, running: false, lastAlive: [...before, { incarnation, at }] };
}

/** When a lost incarnation last showed that it lived; null where nobody knows. */
export function lastAliveAt({ lastAlive }: NodeState, incarnation: number): string | null {
  return lastAlive.find((known) => known.incarnation === incarnation)?.at ?? null;
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
