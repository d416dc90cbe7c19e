import {
  apiKeyEventSchemas,
  nodeDecider,
  nodeEventSchemas,
  nodeStream,
  reachabilityRegistry,
  serviceEventSchemas,
  serviceStream,
  userEventSchemas,
  type NodeEvent,
  type ReachabilityEvent,
  type UserEvent,
} from '#domain';
import type { Lookup, ProjectedEvent, Projection } from '#projections';
import { asKind } from '../kinds.ts';
import { memoize } from '../memoize.ts';
import { evolveApiKey } from './evolve-api-key.ts';
import { evolveService } from './evolve-service.ts';
import { evolveUser, type UserContext } from './evolve-user.ts';
import type { NodeRow, UsersState } from './users-state.ts';

/** Memoized because few Services and nodes occur in many events. */
const streamOfService = memoize(serviceStream);
const streamOfNode = memoize(nodeStream);

const NO_KEYS: readonly string[] = [];

/** Services, Users with their Connections and Bindings, nodes, and API keys: one state per stream. */
export const usersProjection: Projection<UsersState, ReachabilityEvent> = {
  name: 'users',
  registry: reachabilityRegistry,
  keyOf: ({ stream }) => stream,
  lookups: (event) => {
    if (event.type !== 'ConnectionOpened') return NO_KEYS;
    const { node, serviceSid } = event.data;
    const service = streamOfService(serviceSid);
    return node === null ? [service] : [service, streamOfNode(node.nodeId)];
  },
  evolve: (state, projected, lookup) => {
    if (isOf(projected, userEventSchemas)) {
      return evolveUser(asKind(state, 'user'), projected, contextOf(projected.event, lookup));
    }
    if (isOf(projected, serviceEventSchemas)) {
      return evolveService(asKind(state, 'service'), projected);
    }
    if (isOf(projected, nodeEventSchemas))
      return evolveNode(asKind(state, 'node'), projected.event);
    if (isOf(projected, apiKeyEventSchemas)) return evolveApiKey(asKind(state, 'key'), projected);
    throw new Error(`The users projection does not know ${projected.event.type}`);
  },
};

const NO_CONTEXT: UserContext = { service: null, node: null };

/** States that the fold of a User's event looks up. Only ConnectionOpened needs any. */
function contextOf(event: UserEvent, lookup: Lookup<UsersState>): UserContext {
  if (event.type !== 'ConnectionOpened') return NO_CONTEXT;
  const { serviceSid, node } = event.data;
  return {
    service: asKind(lookup(streamOfService(serviceSid)), 'service'),
    node: node === null ? null : asKind(lookup(streamOfNode(node.nodeId)), 'node'),
  };
}

/** Whether the type of an event belongs to a family. */
function isOf<Type extends ReachabilityEvent['type']>(
  projected: ProjectedEvent<ReachabilityEvent>,
  family: Readonly<Record<Type, unknown>>,
): projected is ProjectedEvent<Extract<ReachabilityEvent, { type: Type }>> {
  return projected.event.type in family;
}

function evolveNode(row: NodeRow | null, event: NodeEvent): NodeRow {
  const { initialState, evolve } = nodeDecider;
  const { incarnation, running } = evolve({ ...initialState, ...row }, event);
  return { kind: 'node', nodeId: event.data.nodeId, incarnation, running };
}
