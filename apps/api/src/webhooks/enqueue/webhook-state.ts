import type { NewDelivery, WebhookTarget } from '#operational-state';
import type { NodeRow, ServiceRow, UserRow, UsersState } from '#read-model';

/** A delivery that a fold gave occasion to, and where its Service wanted it then. */
export interface Announcement {
  readonly delivery: NewDelivery;
  readonly target: WebhookTarget;
}

/** What the intake folds of one stream. */
export type WebhookState =
  | {
      readonly kind: 'user';
      readonly sid: string;
      readonly serviceSid: string;
      /** Null once it is deleted. */
      readonly row: UserRow | null;
      /** Whether its Service wanted any webhooks at its last event: only then is it worth keeping. */
      readonly wanted: boolean;
      /** Those since the state was last written. */
      readonly announcements: readonly Announcement[];
    }
  | {
      readonly kind: 'context';
      readonly row: ServiceRow | NodeRow;
      /** The Service did not want webhooks all the time since the state was last written. */
      readonly lapsed: boolean;
    }
  /** The stream holds an event that this program cannot read. */
  | { readonly kind: 'unreadable'; readonly error: Error };

/** The state of the `users` projection in it. @throws Error where the stream could not be read */
export function rowIn(state: WebhookState | null): UsersState | null {
  if (state === null) return null;
  if (state.kind === 'unreadable') throw state.error;
  return state.row;
}

/** The state that a seed gives: nothing has been announced of it yet. */
export function seeded(row: UsersState): WebhookState {
  if (row.kind !== 'user') return { kind: 'context', row, lapsed: false };
  const { sid, serviceSid } = row;
  return { kind: 'user', sid, serviceSid, row, wanted: true, announcements: [] };
}
