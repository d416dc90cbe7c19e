import { Type, type Static } from 'typebox';
import type { DomainEvent } from '../decider.ts';

const NodeFact = Type.Object({ nodeId: Type.String(), incarnation: Type.Integer({ minimum: 1 }) });

/** Payload schemas of the `node-<id>` stream, by event type. */
export const nodeEventSchemas = {
  NodeStarted: NodeFact,
  /** The incarnation ended without saying so: its process died or lost its lease. */
  NodeLost: NodeFact,
  /** The incarnation ended in good order. */
  NodeStopped: NodeFact,
} as const;

type Schemas = typeof nodeEventSchemas;
export type NodeEvent = {
  [T in keyof Schemas]: DomainEvent<T, Static<Schemas[T]>>;
}[keyof Schemas];
