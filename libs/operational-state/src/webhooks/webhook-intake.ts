import type { Position } from '#event-store';
import type { Checkpoint } from '#projections';
import type { NewDelivery, WebhookTarget } from './webhook-delivery.ts';

/** The state of one User as of the intake's checkpoint, as text that only its writer reads. */
export interface IntakeUser {
  readonly serviceSid: string;
  readonly state: string;
}

/** What one step of the intake writes. */
export interface IntakeChanges {
  /** Services of whose Users everything kept so far is to be forgotten, before the following is kept. */
  readonly forgotten: ReadonlySet<string>;
  /** By sid; null where nothing is to be kept. */
  readonly users: ReadonlyMap<string, IntakeUser | null>;
  /** By Service sid; null where it wants no webhooks, and what was kept of its Users is forgotten. */
  readonly targets: ReadonlyMap<string, WebhookTarget | null>;
  readonly deliveries: readonly NewDelivery[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface IntakeStatus {
  readonly position: Position | null;
  /** ISO 8601: when the checkpoint last moved. */
  readonly movedAt: string | null;
  readonly downReason: string | null;
}

/**
 * The way from the log into the queue: a checkpoint of its own, and what the fold of Users must remember between
 * events. Checkpoint, states and deliveries change only together, so that no event is told of twice or never.
 */
export interface WebhookIntake {
  /**
   * Begins to follow the log named by `epoch` after `position`, unless that has begun before. What belongs to
   * another log is forgotten.
   */
  begin(epoch: string, position: Position | null): Promise<void>;
  /** The start of the log before `begin`. */
  checkpoint(): Promise<Checkpoint>;
  /** States by User sid, of those that are kept. */
  users(sids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Writes all of it if the checkpoint still stands at `expected`, and else nothing. */
  commit(expected: Checkpoint, next: Checkpoint, changes: IntakeChanges): Promise<boolean>;
  reportDown(reason: string | null): Promise<void>;
  /** Null before `begin`. */
  status(): Promise<IntakeStatus | null>;
}
