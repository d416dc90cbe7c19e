import type { Position } from '#event-store';
import type { ClaimedDelivery, Delivery, DeliveryStatus } from './webhook-delivery.ts';

/** What came of an attempt. Times are milliseconds since the epoch. */
export type DeliveryOutcome =
  | { readonly status: 'delivered'; readonly responseCode: number }
  | {
      readonly status: 'failed';
      readonly responseCode: number | null;
      readonly error: string;
      readonly nextAttemptAt: number;
    }
  | {
      readonly status: 'dead';
      readonly responseCode: number | null;
      readonly error: string;
      /** False where it was given up without another attempt. */
      readonly attempted: boolean;
    };

/** A claimed delivery, and what came of its attempt. */
export interface Settlement {
  readonly claimed: ClaimedDelivery;
  readonly outcome: DeliveryOutcome;
}

/** A place in the delivery log, which lists the newest first: what follows it, or what precedes it. */
export type DeliveryCursor = { readonly after: Position | null } | { readonly before: Position };

export interface DeliveryFilter {
  readonly serviceSid?: string;
  readonly userSid?: string;
  readonly status?: DeliveryStatus;
}

export interface DeliveryPage {
  readonly rows: readonly Delivery[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

/** Deliveries of one Service by status. */
export interface DeliveryCounts extends Readonly<Record<DeliveryStatus, number>> {
  readonly serviceSid: string;
  /** When the oldest that is still to be delivered came in; null when there is none. */
  readonly oldestOpenAt: number | null;
}

/** One delivery, or all of a Service. */
export type RetriedDeliveries = { readonly sid: string } | { readonly serviceSid: string };

/** How long, and how many, settled deliveries are kept for the delivery log. */
export interface Retention {
  readonly deliveredMs: number;
  readonly deadMs: number;
  /** Most of each kind. */
  readonly most: number;
}

/**
 * Deliveries on their way. Of one User only the earliest that is open is ever due, so that they go out in order
 * also while one is retried. A delivery belongs to one worker at a time: who claims it holds a lease, after which
 * another may.
 */
export interface WebhookQueue {
  /** Services that have something due at `now`, in order of sid. */
  dueServices(now: number): Promise<string[]>;
  /** Takes what is due of one Service, longest due first, until `leaseUntil`. */
  claim(
    serviceSid: string,
    limit: number,
    now: number,
    leaseUntil: number,
  ): Promise<ClaimedDelivery[]>;
  /**
   * Notes what came of attempts, all or none. One whose lease had ended, and that another has claimed since, is
   * left to that.
   *
   * @returns how many were noted
   */
  settle(settlements: readonly Settlement[], now: number): Promise<number>;

  find(serviceSid: string, sid: string): Promise<Delivery | null>;
  list(filter: DeliveryFilter, cursor: DeliveryCursor, size: number): Promise<DeliveryPage>;
  counts(): Promise<DeliveryCounts[]>;
  /**
   * Makes dead letters deliveries again and lets what waits for its next attempt wait no longer.
   *
   * @returns how many dead letters there were
   */
  retry(which: RetriedDeliveries, now: number, giveUpAt: number): Promise<number>;
  /** Forgets settled deliveries beyond what is kept; answers how many. */
  prune(retention: Retention, now: number): Promise<number>;
}
