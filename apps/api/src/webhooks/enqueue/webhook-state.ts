import type { NewDelivery, WebhookTarget } from '#operational-state';
import type { UserRow, UsersState } from '#read-model';

/** A delivery that an event triggered, and the target that its Service had at that event. */
export interface TriggeredWebhook {
  readonly delivery: NewDelivery;
  readonly target: WebhookTarget;
}

/** The enqueuer's state of one stream. */
export type WebhookState =
  | {
      readonly kind: 'user';
      readonly sid: string;
      readonly serviceSid: string;
      /** Null once it is deleted. */
      readonly row: UserRow | null;
      /** Whether its Service subscribed to any webhook at the last event: only then the state is stored. */
      readonly isSubscribed: boolean;
      /** Webhooks triggered since the state was last written. */
      readonly triggered: readonly TriggeredWebhook[];
    }
  | {
      /** A Service or node, which events of Users refer to, or an API key. */
      readonly kind: 'reference';
      readonly row: Exclude<UsersState, UserRow>;
      /** Whether the Service had no subscription at some time since the state was last written. */
      readonly wasUnsubscribed: boolean;
    }
  /** The stream holds an event that this program cannot read. */
  | { readonly kind: 'unreadable'; readonly error: Error };

/** Returns the state of the `users` projection in it. @throws Error where the stream could not be read */
export function rowOf(state: WebhookState | null): UsersState | null {
  if (state === null) return null;
  if (state.kind === 'unreadable') throw state.error;
  return state.row;
}

/** Returns the state that begins with a row: nothing has been triggered yet. */
export function toWebhookState(row: UsersState): WebhookState {
  if (row.kind !== 'user') return { kind: 'reference', row, wasUnsubscribed: false };
  const { sid, serviceSid } = row;
  return { kind: 'user', sid, serviceSid, row, isSubscribed: true, triggered: [] };
}
