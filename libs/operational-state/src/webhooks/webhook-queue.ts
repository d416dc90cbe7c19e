import type { Position } from '#event-store';
import type { ClaimedDelivery, Delivery, DeliveryStatus } from './webhook-delivery.ts';

/** How an attempt ended. Times are milliseconds since the epoch. */
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
      /** False if the delivery was given up without another attempt. */
      readonly attempted: boolean;
    };

/** A claimed delivery and the outcome of its attempt. */
export interface AttemptResult {
  readonly delivery: ClaimedDelivery;
  readonly outcome: DeliveryOutcome;
}

/** The time of a claim, in milliseconds since the epoch by the clock that all workers share. */
export interface ClaimTerm {
  readonly now: number;
  /** The claim ends then, unless it is extended before. */
  readonly until: number;
  /** Whether the delivery of an ended claim, whose worker was killed or stopped, may be claimed. */
  readonly takeOver: boolean;
}

/** The page after or before a position. Pages list the newest delivery first. */
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

/** Number of deliveries of one Service by status. */
export interface DeliveryCounts extends Readonly<Record<DeliveryStatus, number>> {
  readonly serviceSid: string;
  /** When the oldest open delivery was enqueued; null if none is open. */
  readonly oldestOpenAt: number | null;
}

/** What is due at a time. */
export interface DueWork {
  /** Services with a due delivery, ordered by sid. */
  readonly services: readonly string[];
  /** When the next delivery becomes due, by its retry or the end of its claim; null if none has a time. */
  readonly nextAt: number | null;
}

/** One delivery, or all deliveries of a Service. */
export type RetrySelection = { readonly sid: string } | { readonly serviceSid: string };

/** How long, and how many, finished deliveries stay listed. */
export interface Retention {
  readonly deliveredMs: number;
  readonly deadMs: number;
  readonly maxPerStatus: number;
}

/**
 * Queue of webhook deliveries. Only the earliest open delivery of a User is due, so a User's deliveries are sent in order
 * even while one is retried. A claimed delivery belongs to one worker until the claim ends.
 */
export interface WebhookQueue {
  /** Returns what is due at `now`, and when more will be. */
  findDue(now: number): Promise<DueWork>;
  /** Claims due deliveries of one Service, the longest due first. */
  claim(serviceSid: string, limit: number, term: ClaimTerm): Promise<ClaimedDelivery[]>;
  /** Moves the end of claims to `until`. Returns positions of the deliveries that no other worker has claimed since. */
  extend(deliveries: readonly ClaimedDelivery[], until: number): Promise<ReadonlySet<Position>>;
  /** Gives claimed deliveries back that were not attempted. Skips those that another worker has claimed since. */
  release(deliveries: readonly ClaimedDelivery[], now: number): Promise<void>;
  /**
   * Records the results of attempts in one transaction. Skips a delivery that another worker has claimed since.
   *
   * @returns the number of recorded results
   */
  recordResults(results: readonly AttemptResult[], now: number): Promise<number>;

  find(serviceSid: string, sid: string): Promise<Delivery | null>;
  list(filter: DeliveryFilter, cursor: DeliveryCursor, size: number): Promise<DeliveryPage>;
  counts(): Promise<DeliveryCounts[]>;
  /**
   * Reopens dead deliveries and makes waiting ones due now.
   *
   * @returns the number of reopened deliveries
   */
  retry(which: RetrySelection, now: number, giveUpAt: number): Promise<number>;
  /** Deletes a batch of finished deliveries beyond the retention. Returns their number. */
  prune(retention: Retention, now: number): Promise<number>;
}
