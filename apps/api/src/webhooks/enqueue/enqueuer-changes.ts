import { isUserStream, userSidOf } from '#domain';
import type { EnqueuerChanges, EnqueuerUser, NewDelivery, WebhookTarget } from '#operational-state';
import type { DeadLetter } from '#projections';
import type { UserRow } from '#read-model';
import { targetOf } from './webhook-target.ts';
import type { WebhookState } from './webhook-state.ts';

/**
 * Increase it with every change of a stored state's format: states of another version are derived again. It is stored as
 * `shape`, a name that existing databases keep.
 */
const FORMAT_VERSION = 1;

/** Returns what one step writes: states of Users, targets of Services, and deliveries. */
export function toEnqueuerChanges(
  changes: ReadonlyMap<string, WebhookState | null>,
  deadLetters: readonly DeadLetter[],
): Omit<EnqueuerChanges, 'now'> {
  const users = new Map<string, EnqueuerUser | null>();
  const targets = new Map<string, WebhookTarget | null>();
  const clearedServices = new Set<string>();
  const deliveries: NewDelivery[] = [];
  for (const state of changes.values()) {
    if (state?.kind === 'user') {
      users.set(state.sid, encodeUserState(state));
      for (const { delivery, target } of state.triggered) {
        deliveries.push(delivery);
        if (!targets.has(delivery.serviceSid)) targets.set(delivery.serviceSid, target);
      }
    }
  }
  // The target at the end of the step takes precedence over the one at an event within it.
  for (const state of changes.values()) {
    if (state?.kind === 'reference' && state.row.kind === 'service') {
      targets.set(state.row.sid, targetOf(state.row));
      if (state.wasUnsubscribed) clearedServices.add(state.row.sid);
    }
  }
  for (const { key } of deadLetters) if (isUserStream(key)) users.set(userSidOf(key), null);
  return { users, targets, clearedServices, deliveries };
}

/** Returns the stored row; null where a program with another format version stored it. */
export function decodeUserState(text: string): UserRow | null {
  const { shape, row } = JSON.parse(text) as { shape: number; row: UserRow };
  return shape === FORMAT_VERSION ? row : null;
}

function encodeUserState({
  serviceSid,
  row,
  isSubscribed,
}: Extract<WebhookState, { kind: 'user' }>): EnqueuerUser | null {
  if (row === null || !isSubscribed) return null;
  return { serviceSid, state: JSON.stringify({ shape: FORMAT_VERSION, row }) };
}
