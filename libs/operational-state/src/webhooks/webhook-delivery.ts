import type { Position } from '#event-store';

/**
 * Status of a delivery. `pending`: no attempt yet. `failed`: the last attempt failed, another will follow. `delivered`:
 * the receiver accepted it. `dead`: given up until an operator retries it.
 */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'dead'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One webhook request for one event. Times are milliseconds since the epoch. */
export interface NewDelivery {
  /** Position of the event. It has at most one delivery; a User's deliveries are sent in this order. */
  readonly position: Position;
  readonly sid: string;
  /** The same at each attempt, so that receivers recognise repetitions. */
  readonly idempotencyToken: string;
  readonly serviceSid: string;
  readonly userSid: string;
  readonly eventType: string;
  /** Parameters of the request, as of the event. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** No attempt starts at or after this time. */
  readonly giveUpAt: number;
  /** The `traceparent` of the command that the event comes from, where its trace is known. Claimed deliveries have it. */
  readonly traceParent?: string;
}

/** A delivery with the result of its attempts so far. */
export interface Delivery extends NewDelivery {
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** HTTP status of the last answer; null if the last attempt got none. */
  readonly responseCode: number | null;
  /** Why the last attempt failed; null after a success and before the first attempt. */
  readonly error: string | null;
  /** Null during an attempt, while an earlier delivery of the User is open, and once delivered or dead. */
  readonly nextAttemptAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** URL and method of a Service's webhooks. */
export interface WebhookTarget {
  readonly url: string;
  readonly method: 'GET' | 'POST';
}

/** A delivery that belongs to one worker until its claim ends. */
export interface ClaimedDelivery extends Delivery {
  readonly claim: string;
  /** The Service's present target; null if it has none any more. */
  readonly target: WebhookTarget | null;
}
