import { Type, type Static } from 'typebox';
import type { DomainEvent } from '../decider.ts';

const NodeFact = Type.Object({ nodeId: Type.String(), incarnation: Type.Integer({ minimum: 1 }) });

/** Payload schemas of the `node-<id>` stream, by event type. */
export const nodeEventSchemas = {
  NodeStarted: NodeFact,
  /** The process died or lost its lease. */
  NodeLost: Type.Object({
    ...NodeFact.properties,
    /**
     * When the node was last seen, as it is called elsewhere: it then renewed its lease. ISO 8601 by its own clock. Left
     * out when unknown. Logs contain this name, so it stays.
     */
    lastAliveAt: Type.Optional(Type.String()),
  }),
  /** The process shut down cleanly. */
  NodeStopped: NodeFact,
} as const;

type Schemas = typeof nodeEventSchemas;
export type NodeEvent = {
  [T in keyof Schemas]: DomainEvent<T, Static<Schemas[T]>>;
}[keyof Schemas];
