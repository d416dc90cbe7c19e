import { apiKeyEventSchemas, type ApiKeyEvent } from './api-key/api-key-events.ts';
import { apiKeyDecider, type ApiKeyCommand, type ApiKeyState } from './api-key/api-key.ts';
import type { Decider, DomainEvent } from './decider.ts';
import { EventRegistry } from './event-registry.ts';
import { upcasters } from './events.ts';
import { nodeEventSchemas, type NodeEvent } from './node/node-events.ts';
import { nodeDecider, type NodeCommand, type NodeState } from './node/node.ts';
import { serviceEventSchemas, type ServiceEvent } from './service/service-events.ts';
import { serviceDecider, type ServiceCommand, type ServiceState } from './service/service.ts';
import type { UserCommand } from './user/decide-user.ts';
import { userEventSchemas, type UserEvent } from './user/user-events.ts';
import type { UserState } from './user/user-state.ts';
import { userDecider } from './user/user.ts';

/** A decider with the schemas of its events and the version of its snapshots. */
export interface Aggregate<State, Command, Event extends DomainEvent> {
  readonly decider: Decider<State, Command, Event>;
  readonly registry: EventRegistry<Event>;
  /** Increase it whenever the shape of `State` changes: snapshots of another version are ignored. */
  readonly snapshotVersion: number;
}

export const serviceAggregate: Aggregate<ServiceState, ServiceCommand, ServiceEvent> = {
  decider: serviceDecider,
  registry: new EventRegistry<ServiceEvent>(serviceEventSchemas, upcasters),
  snapshotVersion: 1,
};

export const userAggregate: Aggregate<UserState, UserCommand, UserEvent> = {
  decider: userDecider,
  registry: new EventRegistry<UserEvent>(userEventSchemas, upcasters),
  snapshotVersion: 2,
};

export const nodeAggregate: Aggregate<NodeState, NodeCommand, NodeEvent> = {
  decider: nodeDecider,
  registry: new EventRegistry<NodeEvent>(nodeEventSchemas, upcasters),
  snapshotVersion: 2,
};

export const apiKeyAggregate: Aggregate<ApiKeyState, ApiKeyCommand, ApiKeyEvent> = {
  decider: apiKeyDecider,
  registry: new EventRegistry<ApiKeyEvent>(apiKeyEventSchemas, upcasters),
  snapshotVersion: 1,
};
