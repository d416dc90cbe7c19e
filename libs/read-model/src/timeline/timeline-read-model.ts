import type { Reachability } from '#domain';
import type { Position } from '#event-store';
import type { Checkpoint } from '#projections';
import type { AnswerService, AnswerUser } from '../users/answer.ts';
import type { Page, PageRequest } from '../users/users-read-model.ts';
import type { ChangesPage } from './reachability-changes.ts';
import type { FactCause } from './timeline-state.ts';

/** The inputs of the answer about a User at some time. */
export interface PastUser {
  readonly user: AnswerUser & {
    readonly sid: string;
    readonly serviceSid: string;
    readonly identity: string;
  };
  readonly service: AnswerService & { readonly graceSeconds: number };
  /**
   * ISO 8601: when a client was last seen, if its close was recorded later: for a User that was offline then, or that
   * still counted as online although its client was gone. Otherwise null.
   */
  readonly lastSeenAt: string | null;
}

/** A period in which the value of a User and its reason stayed the same. */
export interface HistoryInterval {
  /** Effective time of the event that began it, ISO 8601. */
  readonly from: string;
  /** Start of the next interval or deletion of the User; null while it lasts. */
  readonly until: string | null;
  readonly value: Reachability;
  /** Position of the event that began it. */
  readonly position: Position;
  readonly cause: FactCause;
}

/** Reads of the `timeline` projection. Each call reads a snapshot. */
export interface TimelineReadModel {
  checkpoint(): Promise<Checkpoint>;

  /**
   * The User as of a time: includes events with an effective time up to it. Null when the User or its Service did not
   * exist.
   *
   * @param at ISO 8601, UTC with milliseconds
   */
  asOf(serviceSid: string, userSid: string, at: string): Promise<PastUser | null>;

  /**
   * Intervals of a User, newest first, including those before an earlier deletion. There is no interval between a
   * deletion and the next creation. A page `after` a position has older intervals. Null when the User never existed.
   */
  history(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<Page<HistoryInterval> | null>;

  /**
   * Changes of a Service and its Users after a position, oldest first. The cost depends on the size of the page alone.
   *
   * @param after null for the start of the log
   * @param limit most changes of Users, and most of the Service
   */
  changes(serviceSid: string, after: Position | null, limit: number): Promise<ChangesPage>;
}
