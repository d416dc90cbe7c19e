import type { Position } from '#event-store';

/**
 * How far a delivery has come. `pending`: no attempt yet; `failed`: the last attempt failed and there will be
 * another; `delivered`: the receiver has taken it; `dead`: given up, until somebody asks for a retry.
 */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'dead'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One request to be made because of one event. Times are milliseconds since the epoch. */
export interface NewDelivery {
  /** Place of the event: an event is told of at most once, and a User's deliveries go out in this order. */
  readonly position: Position;
  readonly sid: string;
  /** The same at each attempt, so that a receiver can tell a repetition. */
  readonly idempotencyToken: string;
  readonly serviceSid: string;
  readonly userSid: string;
  readonly eventType: string;
  /** What the request says, as of the event. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** When no further attempt begins. */
  readonly giveUpAt: number;
}

/** A delivery and what came of it so far. */
export interface Delivery extends NewDelivery {
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** HTTP status of the last answer; null where the last attempt got none. */
  readonly responseCode: number | null;
  /** Why the last attempt failed, null after a success and before the first. */
  readonly error: string | null;
  /** Null while an attempt is under way, while an earlier delivery of the User is open, and at the end. */
  readonly nextAttemptAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Where a Service wants its webhooks. */
export interface WebhookTarget {
  readonly url: string;
  readonly method: 'GET' | 'POST';
}

/** A delivery that one worker has for itself until its lease ends. */
export interface ClaimedDelivery extends Delivery {
  readonly claim: string;
  /** Where the Service wants it now; null when it no longer wants any. */
  readonly target: WebhookTarget | null;
}
