import type { UserEvent } from '#domain';
import type { EventMetadata } from '#event-store';
import type { ProjectedEvent } from '#projections';
import { answerFor, summarize, type ServiceRow, type UserRow } from '#read-model';
import type { WebhookEvent } from './target.ts';

/** A User before and after one of its events, and its Service then. */
export interface Change {
  readonly before: UserRow | null;
  readonly after: UserRow | null;
  readonly service: ServiceRow;
}

/**
 * The webhook that an event gives occasion to, whether or not the Service wants it. What somebody writes over
 * REST is an occasion only where the request asks for it; what clients do themselves, and whatever changes
 * reachability, always is. Toggling a Service is no event of any User, and so none.
 */
export function webhookTriggeredBy(
  { event, metadata }: ProjectedEvent<UserEvent>,
  change: Change,
): WebhookEvent | null {
  switch (event.type) {
    case 'UserCreated':
      return asksFor(event.data, metadata) ? 'onUserAdded' : null;
    case 'UserUpdated':
      return asksFor(event.data, metadata) ? 'onUserUpdated' : null;
    default:
      return changesReachability(change) ? 'onUserUpdated' : null;
  }
}

function asksFor(
  { webhookEnabled }: { readonly webhookEnabled?: boolean },
  { actor }: EventMetadata,
): boolean {
  return webhookEnabled === true || actor.startsWith('identity:');
}

function changesReachability({ before, after, service }: Change): boolean {
  if (before === null || after === null) return false;
  const was = answerFor(summarize(before), service);
  const is = answerFor(summarize(after), service);
  return was.isOnline !== is.isOnline || was.isNotifiable !== is.isNotifiable;
}
