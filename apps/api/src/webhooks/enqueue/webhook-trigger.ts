import { isSameReachability, type UserEvent } from '#domain';
import type { EventMetadata } from '#event-store';
import type { ProjectedEvent } from '#projections';
import { answerOf, type ServiceRow, type UserRow } from '#read-model';
import type { WebhookEvent } from './webhook-target.ts';

/** A User before and after one of its events, and its Service at that event. */
export interface UserChange {
  readonly before: UserRow | null;
  readonly after: UserRow | null;
  readonly service: ServiceRow;
}

/**
 * Returns the webhook that an event triggers, whether or not the Service subscribes to it; null for none. A REST write
 * triggers one only where the request asks for it. Writes by clients and changes of reachability always do. Toggling a
 * Service triggers none, because it is not an event of a User.
 */
export function webhookTriggeredBy(
  { event, metadata }: ProjectedEvent<UserEvent>,
  change: UserChange,
): WebhookEvent | null {
  switch (event.type) {
    case 'UserCreated':
      return requestsWebhook(event.data, metadata) ? 'onUserAdded' : null;
    case 'UserUpdated':
      return requestsWebhook(event.data, metadata) ? 'onUserUpdated' : null;
    default:
      return changesReachability(change) ? 'onUserUpdated' : null;
  }
}

function requestsWebhook(
  { webhookEnabled }: { readonly webhookEnabled?: boolean },
  { actor }: EventMetadata,
): boolean {
  return webhookEnabled === true || actor.startsWith('identity:');
}

function changesReachability({ before, after, service }: UserChange): boolean {
  if (before === null || after === null) return false;
  return !isSameReachability(answerOf(before, service), answerOf(after, service));
}
