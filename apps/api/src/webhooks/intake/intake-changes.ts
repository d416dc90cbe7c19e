import type { IntakeChanges, IntakeUser, NewDelivery, WebhookTarget } from '#operational-state';
import type { DeadLetter } from '#projections';
import type { UserRow } from '#read-model';
import { targetOf } from './target.ts';
import type { WebhookState } from './webhook-state.ts';

/** Changes with the shape of a kept state: what an older program kept is then derived anew. */
const SHAPE = 1;
const USER_STREAM = 'user-';

export function isUserStream(stream: string): boolean {
  return stream.startsWith(USER_STREAM);
}

export function userSidOf(stream: string): string {
  return stream.slice(USER_STREAM.length);
}

/** What a step of the fold comes to: states to keep, Services that want webhooks, and what to tell them. */
export function toIntakeChanges(
  changes: ReadonlyMap<string, WebhookState | null>,
  hold: readonly DeadLetter[],
): Omit<IntakeChanges, 'now'> {
  const users = new Map<string, IntakeUser | null>();
  const targets = new Map<string, WebhookTarget | null>();
  const forgotten = new Set<string>();
  const deliveries: NewDelivery[] = [];
  for (const state of changes.values()) {
    if (state?.kind === 'user') {
      users.set(state.sid, toKept(state));
      for (const { delivery, target } of state.announcements) {
        deliveries.push(delivery);
        if (!targets.has(delivery.serviceSid)) targets.set(delivery.serviceSid, target);
      }
    }
  }
  // What a Service has come to want by the end of the step outweighs what it wanted at some event within.
  for (const state of changes.values()) {
    if (state?.kind === 'context' && state.row.kind === 'service') {
      targets.set(state.row.sid, targetOf(state.row));
      if (state.lapsed) forgotten.add(state.row.sid);
    }
  }
  for (const { key } of hold) if (isUserStream(key)) users.set(userSidOf(key), null);
  return { users, targets, forgotten, deliveries };
}

/** The row that was kept; null where another version of this program kept it. */
export function fromKept(text: string): UserRow | null {
  const { shape, row } = JSON.parse(text) as { shape: number; row: UserRow };
  return shape === SHAPE ? row : null;
}

function toKept({
  serviceSid,
  row,
  wanted,
}: Extract<WebhookState, { kind: 'user' }>): IntakeUser | null {
  if (row === null || !wanted) return null;
  return { serviceSid, state: JSON.stringify({ shape: SHAPE, row }) };
}
