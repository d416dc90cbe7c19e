import type { Reachability } from '#domain';
import type { Position } from '#event-store';
import type { Checkpoint } from '#projections';
import type { AnswerService, AnswerUser } from '../users/answer.ts';
import type { Page, PageRequest } from '../users/users-read-model.ts';
import type { FactCause } from './timeline-state.ts';

/** What the answer about a User rested on at some moment. */
export interface PastUser {
  readonly user: AnswerUser & {
    readonly sid: string;
    readonly serviceSid: string;
    readonly identity: string;
  };
  readonly service: AnswerService & { readonly graceSeconds: number };
  /**
   * ISO 8601: the last moment at which a client was known to be there, where that was before its end was recorded:
   * of a User that was offline then, or of one that still counted as online although its client had gone. Else null.
   */
  readonly lastSeenAt: string | null;
}

/** A stretch of time in which the value of a User, and the reason for it, stayed the same. */
export interface HistoryInterval {
  /** Effective time of the event that began it, ISO 8601. */
  readonly from: string;
  /** Where the next one begins or the User ended, null while it lasts. */
  readonly until: string | null;
  readonly value: Reachability;
  /** Place of the event that began it. */
  readonly position: Position;
  readonly cause: FactCause;
}

/** Reads of the `timeline` projection. Each call sees one moment of it. */
export interface TimelineReadModel {
  checkpoint(): Promise<Checkpoint>;

  /**
   * The User as of a moment: events that count at that time or before are taken in. Null when it did not exist, or
   * its Service did not.
   *
   * @param at ISO 8601, UTC with milliseconds
   */
  asOf(serviceSid: string, userSid: string, at: string): Promise<PastUser | null>;

  /**
   * Intervals of a User, the newest first, those of earlier lives included: `after` an interval's place come older
   * ones. Between two lives there is none. Null when there never was such a User.
   */
  history(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<Page<HistoryInterval> | null>;
}
