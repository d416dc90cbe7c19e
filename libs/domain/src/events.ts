import { apiKeyEventSchemas, type ApiKeyEvent } from './api-key/api-key-events.ts';
import { EventRegistry, type Upcaster } from './event-registry.ts';
import { nodeEventSchemas, type NodeEvent } from './node/node-events.ts';
import { serviceEventSchemas, type ServiceEvent } from './service/service-events.ts';
import { userEventSchemas, type UserEvent } from './user/user-events.ts';

/** Every event of the product, discriminated by `type`. */
export type ReachabilityEvent = ServiceEvent | UserEvent | NodeEvent | ApiKeyEvent;

/** Upcasters of the event types whose payload has changed since version 1. None has changed yet. */
export const upcasters: ReadonlyMap<string, readonly Upcaster[]> = new Map();

/** Registry of every event type of the product. */
export const reachabilityRegistry = new EventRegistry<ReachabilityEvent>(
  { ...serviceEventSchemas, ...userEventSchemas, ...nodeEventSchemas, ...apiKeyEventSchemas },
  upcasters,
);
