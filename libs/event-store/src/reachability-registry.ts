import {
  eventSchemas,
  nodeDecider,
  nodeEventSchemas,
  serviceDecider,
  serviceEventSchemas,
  userDecider,
  userEventSchemas,
  type NodeCommand,
  type NodeEvent,
  type NodeState,
  type ReachabilityEvent,
  type ServiceCommand,
  type ServiceEvent,
  type ServiceState,
  type UserCommand,
  type UserEvent,
  type UserState,
} from '#domain';
import type { Aggregate } from './command-handling/aggregate.ts';
import { EventRegistry, type Upcaster } from './event-registry.ts';

/** Event types whose payload has changed since version 1, with the way to the current one. None has yet. */
const upcasters: ReadonlyMap<string, readonly Upcaster[]> = new Map();

/** Every event type of the product. */
export const reachabilityRegistry = new EventRegistry<ReachabilityEvent>(eventSchemas, upcasters);

export const serviceAggregate: Aggregate<ServiceState, ServiceCommand, ServiceEvent> = {
  decider: serviceDecider,
  registry: new EventRegistry<ServiceEvent>(serviceEventSchemas, upcasters),
  snapshotVersion: 1,
};

export const userAggregate: Aggregate<UserState, UserCommand, UserEvent> = {
  decider: userDecider,
  registry: new EventRegistry<UserEvent>(userEventSchemas, upcasters),
  snapshotVersion: 1,
};

export const nodeAggregate: Aggregate<NodeState, NodeCommand, NodeEvent> = {
  decider: nodeDecider,
  registry: new EventRegistry<NodeEvent>(nodeEventSchemas, upcasters),
  snapshotVersion: 2,
};
