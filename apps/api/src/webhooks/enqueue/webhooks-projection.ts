import {
  serviceStream,
  userEventSchemas,
  uuidV5,
  type ReachabilityEvent,
  type UserEvent,
} from '#domain';
import type { Lookup, ProjectedEvent, Projection } from '#projections';
import { usersProjection, type ServiceRow, type UserRow } from '#read-model';
import { webhookTriggeredBy } from './webhook-trigger.ts';
import { parametersOf, type Sender } from './parameters.ts';
import { targetOf, wants } from './target.ts';
import { rowIn, type Announcement, type WebhookState } from './webhook-state.ts';

/** How long after its event a webhook is attempted, in milliseconds. */
const ATTEMPTED_FOR_MS = 24 * 3_600_000;

/**
 * The fold that finds out which events are to be told of, and what to say: the `users` fold, looked at before and
 * after each event. Not a part of the read model: it is never rebuilt, since nothing may be told twice.
 */
export function webhooksProjection(sender: Sender): Projection<WebhookState, ReachabilityEvent> {
  return {
    name: 'webhooks',
    registry: usersProjection.registry,
    keyOf: (recorded) => usersProjection.keyOf(recorded),
    lookups: (event) =>
      isUserEvent(event)
        ? [serviceStream(event.data.serviceSid), ...usersProjection.lookups(event)]
        : usersProjection.lookups(event),
    evolve: (state, projected, lookup) => {
      const before = rowIn(state);
      const after = usersProjection.evolve(before, projected, (key) => rowIn(lookup(key)));
      if (!ofUser(projected)) {
        if (after === null || after.kind === 'user') return null;
        const lapsed = hasLapsed(state) || !hasTarget(before) || !hasTarget(after);
        return { kind: 'context', row: after, lapsed };
      }
      const service = serviceOf(projected.event, lookup);
      const { userSid: sid, serviceSid } = projected.event.data;
      const user = { before: asUser(before), after: asUser(after), service };
      return {
        kind: 'user',
        sid,
        serviceSid,
        row: user.after,
        wanted: hasTarget(service),
        announcements: [...announced(state), ...announcementsOf(projected, user, sender)],
      };
    },
  };
}

function announcementsOf(
  projected: ProjectedEvent<UserEvent>,
  user: {
    readonly before: UserRow | null;
    readonly after: UserRow | null;
    readonly service: ServiceRow | null;
  },
  sender: Sender,
): Announcement[] {
  const { before, after, service } = user;
  if (service === null || after === null) return [];
  const occasion = webhookTriggeredBy(projected, { before, after, service });
  const target = targetOf(service);
  if (occasion === null || target === null || !wants(service, occasion)) return [];
  const { stream, revision, position, effectiveAt } = projected;
  const idempotencyToken = uuidV5(`webhook:${stream}@${revision}`);
  const delivery = {
    position,
    sid: `WD${idempotencyToken.replaceAll('-', '')}`,
    idempotencyToken,
    serviceSid: service.sid,
    userSid: after.sid,
    eventType: occasion,
    parameters: parametersOf(occasion, after, service, effectiveAt, sender),
    giveUpAt: Date.parse(effectiveAt) + ATTEMPTED_FOR_MS,
  };
  return [{ delivery, target }];
}

function hasTarget(row: ReturnType<typeof rowIn>): boolean {
  return row?.kind === 'service' && targetOf(row) !== null;
}

function hasLapsed(state: WebhookState | null): boolean {
  return state?.kind === 'context' && state.lapsed;
}

function announced(state: WebhookState | null): readonly Announcement[] {
  return state?.kind === 'user' ? state.announcements : [];
}

function serviceOf(event: UserEvent, lookup: Lookup<WebhookState>): ServiceRow | null {
  const row = rowIn(lookup(serviceStream(event.data.serviceSid)));
  return row?.kind === 'service' ? row : null;
}

function asUser(row: ReturnType<typeof rowIn>): UserRow | null {
  return row?.kind === 'user' ? row : null;
}

function isUserEvent(event: ReachabilityEvent): event is UserEvent {
  return event.type in userEventSchemas;
}

/** Whether an event is one of a User. */
export function ofUser(
  projected: ProjectedEvent<ReachabilityEvent>,
): projected is ProjectedEvent<UserEvent> {
  return isUserEvent(projected.event);
}
