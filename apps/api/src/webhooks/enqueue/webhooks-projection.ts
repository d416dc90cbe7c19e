import {
  serviceStream,
  userEventSchemas,
  uuidV5,
  type ReachabilityEvent,
  type UserEvent,
} from '#domain';
import { commandSpanOf, formatTraceParent } from '#event-store';
import type { Lookup, ProjectedEvent, Projection } from '#projections';
import { usersProjection, type ServiceRow, type UserRow } from '#read-model';
import { webhookTriggeredBy } from './webhook-trigger.ts';
import { parametersOf, type ServerIdentity } from './webhook-parameters.ts';
import { isSubscribedTo, targetOf } from './webhook-target.ts';
import { rowOf, type TriggeredWebhook, type WebhookState } from './webhook-state.ts';

/** Milliseconds after its event in which a webhook is attempted. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/**
 * Returns the projection that finds the events which trigger webhooks, and their parameters, by comparing the `users`
 * projection before and after each event. It is not part of the read model and is never rebuilt: a rebuild would send
 * every webhook again.
 */
export function webhooksProjection(
  server: ServerIdentity,
): Projection<WebhookState, ReachabilityEvent> {
  return {
    name: 'webhooks',
    registry: usersProjection.registry,
    keyOf: (recorded) => usersProjection.keyOf(recorded),
    lookups: (event) =>
      isUserEvent(event)
        ? [serviceStream(event.data.serviceSid), ...usersProjection.lookups(event)]
        : usersProjection.lookups(event),
    evolve: (state, projected, lookup) => {
      const before = rowOf(state);
      const after = usersProjection.evolve(before, projected, (key) => rowOf(lookup(key)));
      if (!isOfUser(projected)) {
        if (after === null || after.kind === 'user') return null;
        const wasUnsubscribed =
          unsubscribedBefore(state) || !hasTarget(before) || !hasTarget(after);
        return { kind: 'reference', row: after, wasUnsubscribed };
      }
      const service = serviceOf(projected.event, lookup);
      const { userSid: sid, serviceSid } = projected.event.data;
      const user = { before: asUser(before), after: asUser(after), service };
      return {
        kind: 'user',
        sid,
        serviceSid,
        row: user.after,
        isSubscribed: hasTarget(service),
        triggered: [...triggeredBefore(state), ...triggeredBy(projected, user, server)],
      };
    },
  };
}

function triggeredBy(
  projected: ProjectedEvent<UserEvent>,
  user: {
    readonly before: UserRow | null;
    readonly after: UserRow | null;
    readonly service: ServiceRow | null;
  },
  server: ServerIdentity,
): TriggeredWebhook[] {
  const { before, after, service } = user;
  if (service === null || after === null) return [];
  const eventType = webhookTriggeredBy(projected, { before, after, service });
  const target = targetOf(service);
  if (eventType === null || target === null || !isSubscribedTo(service, eventType)) return [];
  const { stream, revision, position, effectiveAt, metadata } = projected;
  const command = commandSpanOf(metadata);
  const idempotencyToken = uuidV5(`webhook:${stream}@${revision}`);
  const delivery = {
    position,
    sid: `WD${idempotencyToken.replaceAll('-', '')}`,
    idempotencyToken,
    serviceSid: service.sid,
    userSid: after.sid,
    eventType,
    parameters: parametersOf(eventType, after, service, effectiveAt, server),
    giveUpAt: Date.parse(effectiveAt) + GIVE_UP_AFTER_MS,
    ...(command === null ? {} : { traceParent: formatTraceParent(command) }),
  };
  return [{ delivery, target }];
}

function hasTarget(row: ReturnType<typeof rowOf>): boolean {
  return row?.kind === 'service' && targetOf(row) !== null;
}

function unsubscribedBefore(state: WebhookState | null): boolean {
  return state?.kind === 'reference' && state.wasUnsubscribed;
}

function triggeredBefore(state: WebhookState | null): readonly TriggeredWebhook[] {
  return state?.kind === 'user' ? state.triggered : [];
}

function serviceOf(event: UserEvent, lookup: Lookup<WebhookState>): ServiceRow | null {
  const row = rowOf(lookup(serviceStream(event.data.serviceSid)));
  return row?.kind === 'service' ? row : null;
}

function asUser(row: ReturnType<typeof rowOf>): UserRow | null {
  return row?.kind === 'user' ? row : null;
}

function isUserEvent(event: ReachabilityEvent): event is UserEvent {
  return event.type in userEventSchemas;
}

/** Whether an event belongs to a User. */
export function isOfUser(
  projected: ProjectedEvent<ReachabilityEvent>,
): projected is ProjectedEvent<UserEvent> {
  return isUserEvent(projected.event);
}
