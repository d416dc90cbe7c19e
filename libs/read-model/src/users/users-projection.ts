import {
  nodeDecider,
  nodeStream,
  serviceStream,
  type NodeEvent,
  type ReachabilityEvent,
  type ServiceEvent,
  type UserEvent,
} from '#domain';
import { reachabilityRegistry } from '#event-store';
import type { ProjectedEvent, Projection } from '#projections';
import { evolveService } from './evolve-service.ts';
import { evolveUser } from './evolve-user.ts';
import type { NodeRow, UsersState } from './users-state.ts';

/** Services, Users with their Connections and Bindings, and nodes: one state per stream. */
export const usersProjection: Projection<UsersState, ReachabilityEvent> = {
  name: 'users',
  registry: reachabilityRegistry,
  keyOf: ({ stream }) => stream,
  lookups: (event) => {
    if (event.type !== 'ConnectionOpened') return [];
    const { node, serviceSid } = event.data;
    const service = serviceStream(serviceSid);
    return node === null ? [service] : [service, nodeStream(node.nodeId)];
  },
  evolve: (state, projected, lookup) => {
    const { event } = projected;
    switch (event.type) {
      case 'ServiceCreated':
      case 'ServiceUpdated':
      case 'ServiceDeleted':
      case 'ReachabilityEnabled':
      case 'ReachabilityDisabled':
        return evolveService(asKind(state, 'service'), withEvent<ServiceEvent>(projected, event));
      case 'NodeStarted':
      case 'NodeLost':
      case 'NodeStopped':
        return evolveNode(asKind(state, 'node'), event);
      default:
        return evolveUser(asKind(state, 'user'), withEvent<UserEvent>(projected, event), {
          service: asKind(lookup(serviceStream(event.data.serviceSid)), 'service'),
          node: nodeOf(event, lookup),
        });
    }
  },
};

function evolveNode(row: NodeRow | null, event: NodeEvent): NodeRow {
  const before = row ?? nodeDecider.initialState;
  const { incarnation, running } = nodeDecider.evolve(before, event);
  return { kind: 'node', nodeId: event.data.nodeId, incarnation, running };
}

function nodeOf(event: UserEvent, lookup: (key: string) => UsersState | null): NodeRow | null {
  if (event.type !== 'ConnectionOpened' || event.data.node === null) return null;
  return asKind(lookup(nodeStream(event.data.node.nodeId)), 'node');
}

function withEvent<Event extends ReachabilityEvent>(
  projected: ProjectedEvent<ReachabilityEvent>,
  event: Event,
): ProjectedEvent<Event> {
  return { ...projected, event };
}

function asKind<Kind extends UsersState['kind']>(
  state: UsersState | null,
  kind: Kind,
): Extract<UsersState, { kind: Kind }> | null {
  if (state === null) return null;
  if (!isKind(state, kind)) throw new Error(`Expected a ${kind} but found a ${state.kind}`);
  return state;
}

function isKind<Kind extends UsersState['kind']>(
  state: UsersState,
  kind: Kind,
): state is Extract<UsersState, { kind: Kind }> {
  return state.kind === kind;
}
