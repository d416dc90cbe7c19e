import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { userStream } from '#domain';
import type { Position } from '#event-store';
import { text, type SqlRow } from '#projections/adapters/sqlite/columns';
import type { ServiceFact, TimelineUser, UserFact } from '../../../timeline/timeline-state.ts';
import { toServiceFact, toUserFact } from './codecs.ts';
import { TimelineTables } from './timeline-tables.ts';

/** Stands after every place: places are digits. */
export const AFTER_ALL: Position = '~';

/** Finds facts of one version: from a milestone, a User's are walked back to the one that is wanted. */
export class Facts {
  readonly #tables: TimelineTables;
  readonly #fact: StatementSync;
  readonly #milestoneFrom: StatementSync;
  readonly #milestoneAfterTime: StatementSync;
  readonly #milestoneTurnAfter: StatementSync;
  readonly #serviceAtTime: StatementSync;
  readonly #flagBefore: StatementSync;
  readonly #flagAfter: StatementSync;

  constructor(db: DatabaseSync) {
    this.#tables = new TimelineTables(db);
    const milestones = 'user_facts WHERE milestone = 1 AND user_sid = ?';
    const flags = `service_facts WHERE service_sid = ? AND type <> 'ServiceUpdated'`;
    this.#fact = db.prepare('SELECT * FROM user_facts WHERE position = ?');
    this.#milestoneFrom = db.prepare(
      `SELECT position FROM ${milestones} AND position >= ? ORDER BY position LIMIT 1`,
    );
    this.#milestoneAfterTime = db.prepare(
      `SELECT position FROM ${milestones} AND at > ? ORDER BY at, position LIMIT 1`,
    );
    this.#milestoneTurnAfter = db.prepare(
      `SELECT turn FROM ${milestones} AND position > ?2 AND turn > ?2 ORDER BY position LIMIT 1`,
    );
    this.#serviceAtTime = db.prepare(
      `SELECT * FROM service_facts WHERE service_sid = ? AND at <= ?
       ORDER BY at DESC, position DESC LIMIT 1`,
    );
    this.#flagBefore = db.prepare(
      `SELECT * FROM ${flags} AND position < ? ORDER BY position DESC LIMIT 1`,
    );
    this.#flagAfter = db.prepare(
      `SELECT * FROM ${flags} AND position > ? ORDER BY position LIMIT 1`,
    );
  }

  /** Null when there never was such a User in the Service. */
  user(serviceSid: string, userSid: string): TimelineUser | null {
    const head = this.#tables.head(userStream(userSid));
    return head?.kind === 'user' && head.serviceSid === serviceSid ? head : null;
  }

  /** The User's latest fact that counts at a time or before. */
  atTime({ sid, latest }: TimelineUser, at: string): UserFact | null {
    const milestone = this.#milestoneAfterTime.get(sid, at);
    return this.#walkBack(positionOf(milestone) ?? latest, (fact) => fact.at <= at);
  }

  /** The User's latest turn before a place. */
  turnBefore({ sid, latest }: TimelineUser, place: Position): UserFact | null {
    const milestone = this.#milestoneFrom.get(sid, place);
    const fact = this.#walkBack(
      positionOf(milestone) ?? latest,
      ({ position }) => position < place,
    );
    return fact === null ? null : this.#at(fact.turn);
  }

  /** The turn before a fact, or before the turn that a fact is. */
  previousTurn({ previous }: UserFact): UserFact | null {
    return previous === null ? null : this.#at(this.#at(previous).turn);
  }

  /** The User's turns after a place, oldest first. */
  *turnsAfter({ sid, turn: latest }: TimelineUser, after: Position): Generator<UserFact> {
    for (let place = after; ;) {
      const milestone = this.#milestoneTurnAfter.get(sid, place);
      const end = milestone === undefined ? latest : text(milestone, 'turn');
      if (end <= place) return;
      const found: UserFact[] = [];
      let turn: UserFact | null = this.#at(end);
      while (turn !== null && turn.position > place) {
        found.push(turn);
        turn = this.previousTurn(turn);
      }
      yield* found.reverse();
      place = end;
    }
  }

  /** The Service's latest fact that counts at a time or before. */
  serviceAtTime(serviceSid: string, at: string): ServiceFact | null {
    return toServiceFactOrNull(this.#serviceAtTime.get(serviceSid, at));
  }

  /** The Service's latest change of the flag before a place, its creation and deletion included. */
  flagBefore(serviceSid: string, place: Position): ServiceFact | null {
    return toServiceFactOrNull(this.#flagBefore.get(serviceSid, place));
  }

  flagAfter(serviceSid: string, place: Position): ServiceFact | null {
    return toServiceFactOrNull(this.#flagAfter.get(serviceSid, place));
  }

  #walkBack(from: Position, isWanted: (fact: UserFact) => boolean): UserFact | null {
    let fact = this.#at(from);
    while (!isWanted(fact)) {
      if (fact.previous === null) return null;
      fact = this.#at(fact.previous);
    }
    return fact;
  }

  #at(position: Position): UserFact {
    const row = this.#fact.get(position);
    if (row === undefined) throw new Error(`No fact stands at ${position}`);
    return toUserFact(row);
  }
}

function positionOf(row: SqlRow | undefined): Position | null {
  return row === undefined ? null : text(row, 'position');
}

function toServiceFactOrNull(row: SqlRow | undefined): ServiceFact | null {
  return row === undefined ? null : toServiceFact(row);
}
