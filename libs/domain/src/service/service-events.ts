import { Type, type Static } from 'typebox';
import type { DomainEvent } from '../decider.ts';
import { ServiceSettings } from './service-settings.ts';

/** Payload schemas of the `service-<IS..>` stream, by event type. */
export const serviceEventSchemas = {
  ServiceCreated: Type.Object({ serviceSid: Type.String(), friendlyName: Type.String() }),
  ServiceUpdated: Type.Object({
    serviceSid: Type.String(),
    /** Changed keys only, each with its whole new value. */
    changes: Type.Partial(ServiceSettings),
  }),
  ServiceDeleted: Type.Object({ serviceSid: Type.String() }),
  ReachabilityEnabled: Type.Object({ serviceSid: Type.String() }),
  ReachabilityDisabled: Type.Object({ serviceSid: Type.String() }),
} as const;

type Schemas = typeof serviceEventSchemas;
export type ServiceEvent = {
  [T in keyof Schemas]: DomainEvent<T, Static<Schemas[T]>>;
}[keyof Schemas];
