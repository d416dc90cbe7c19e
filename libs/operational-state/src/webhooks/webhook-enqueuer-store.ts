import type { Position } from '#event-store';
import type { Checkpoint } from '#projections';
import type { NewDelivery, WebhookTarget } from './webhook-delivery.ts';

/** State of one User at the enqueuer's checkpoint, as text that only the enqueuer reads. */
export interface EnqueuerUser {
  readonly serviceSid: string;
  readonly state: string;
}

/** Changes of one batch of events. */
export interface EnqueuerChanges {
  /** Services whose Users' stored states are deleted before `users` is written. */
  readonly clearedServices: ReadonlySet<string>;
  /** States by User sid; null deletes the state. */
  readonly users: ReadonlyMap<string, EnqueuerUser | null>;
  /** Targets by Service sid; null deletes the target and the stored states of the Service's Users. */
  readonly targets: ReadonlyMap<string, WebhookTarget | null>;
  readonly deliveries: readonly NewDelivery[];
  /** Milliseconds since the epoch, by the clock that all workers share. */
  readonly now: number;
}

export interface EnqueuerStatus {
  readonly position: Position | null;
  /** When the checkpoint last moved, in ISO 8601. */
  readonly movedAt: string | null;
  readonly downReason: string | null;
}

/**
 * State of the webhook enqueuer, which reads the log and adds deliveries to the queue: its checkpoint and the User states
 * that it folds. They change in one transaction with the new deliveries, so each event is enqueued exactly once.
 */
export interface WebhookEnqueuerStore {
  /**
   * Starts to follow the log named by `epoch` after `position`. Does nothing if this log is followed already. Deletes
   * everything that belongs to another log.
   */
  begin(epoch: string, position: Position | null): Promise<void>;
  /** Returns the epoch of the log that is followed; null before `begin`. */
  epoch(): Promise<string | null>;
  /** Returns the start of the log before `begin`. */
  checkpoint(): Promise<Checkpoint>;
  /** Returns the stored states by User sid. */
  users(sids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Writes everything if the checkpoint still is `expected`; otherwise writes nothing and returns false. */
  commit(expected: Checkpoint, next: Checkpoint, changes: EnqueuerChanges): Promise<boolean>;
  reportDown(reason: string | null): Promise<void>;
  /** Returns null before `begin`. */
  status(): Promise<EnqueuerStatus | null>;
}
