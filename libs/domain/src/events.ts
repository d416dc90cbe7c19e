import { nodeEventSchemas, type NodeEvent } from './node/node-events.ts';
import { serviceEventSchemas, type ServiceEvent } from './service/service-events.ts';
import { userEventSchemas, type UserEvent } from './user/user-events.ts';

/** Every event of the product, discriminated by `type`. */
export type ReachabilityEvent = ServiceEvent | UserEvent | NodeEvent;

/** Current payload schema of every event type. */
export const eventSchemas = {
  ...serviceEventSchemas,
  ...userEventSchemas,
  ...nodeEventSchemas,
} as const;
