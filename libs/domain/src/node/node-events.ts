import { Type, type Static } from 'typebox';
import type { DomainEvent } from '../decider.ts';

const NodeFact = Type.Object({ nodeId: Type.String(), incarnation: Type.Integer({ minimum: 1 }) });

/** Payload schemas of the `node-<id>` stream, by event type. */
export const nodeEventSchemas = {
  NodeStarted: NodeFact,
  /** The incarnation ended without saying so: its process died or lost its lease. */
  NodeLost: Type.Object({
    ...NodeFact.properties,
    /** ISO 8601, by the clock of the node: when it last showed that it lived. Left out where nobody knows. */
    lastAliveAt: Type.Optional(Type.String()),
  }),
  /** The incarnation ended in good order. */
  NodeStopped: NodeFact,
} as const;

type Schemas = typeof nodeEventSchemas;
export type NodeEvent = {
  [T in keyof Schemas]: DomainEvent<T, Static<Schemas[T]>>;
}[keyof Schemas];
