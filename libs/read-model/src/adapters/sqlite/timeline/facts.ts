import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { toPositionNumber, type Position } from '#event-store';
import { text, type SqlRow } from '#projections/adapters/columns';
import type { NamedFact } from '../../../timeline/reachability-changes.ts';
import type { ServiceFact, TimelineUser, UserFact } from '../../../timeline/timeline-state.ts';
import { toServiceFact } from '../../fact-codecs.ts';
import { LogPositions } from './log-positions.ts';
import { CHANGED_VALUE, IS_MILESTONE } from './schema.ts';
import { ServiceNumbers } from './service-numbers.ts';
import { toUserFact, type FactOwner } from './user-fact-rows.ts';
import { UserHeads } from './user-heads.ts';

/** Finds facts in one version: looks up the next milestone of a User, then walks back to the fact. */
export class Facts {
  readonly #positions: LogPositions;
  readonly #users: UserHeads;
  readonly #services: ServiceNumbers;
  readonly #fact: StatementSync;
  readonly #milestoneAfter: StatementSync;
  readonly #milestoneAfterTime: StatementSync;
  readonly #milestoneValueChangeAfter: StatementSync;
  readonly #serviceAtTime: StatementSync;
  readonly #flagBefore: StatementSync;
  readonly #flagAfter: StatementSync;
  readonly #flagsAfter: StatementSync;
  readonly #changesOfService: StatementSync;

  constructor(db: DatabaseSync) {
    this.#positions = new LogPositions(db);
    this.#users = new UserHeads(db, this.#positions);
    this.#services = new ServiceNumbers(db);
    const milestones = `user_facts WHERE ${IS_MILESTONE} AND user = ?`;
    const flags = `service_facts WHERE service_sid = ? AND type <> 'ServiceUpdated'`;
    this.#fact = db.prepare('SELECT * FROM user_facts WHERE position = ?');
    this.#milestoneAfter = db.prepare(
      `SELECT position FROM ${milestones} AND position > ? ORDER BY position LIMIT 1`,
    );
    this.#milestoneAfterTime = db.prepare(
      `SELECT position FROM ${milestones} AND at > ? ORDER BY at, position LIMIT 1`,
    );
    this.#milestoneValueChangeAfter = db.prepare(
      `SELECT value_change FROM ${milestones} AND position > ?2 AND value_change > ?2
       ORDER BY position LIMIT 1`,
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
    this.#flagsAfter = db.prepare(
      `SELECT * FROM ${flags} AND position > ? ORDER BY position LIMIT ?`,
    );
    this.#changesOfService = db.prepare(
      `SELECT fact.*, head.sid, head.identity
       FROM user_facts AS fact JOIN users AS head ON head.first = fact.user
       WHERE fact.service = ? AND ${CHANGED_VALUE} AND position > ?
       ORDER BY position LIMIT ?`,
    );
  }

  /** Null when the User has never existed in the Service. */
  user(serviceSid: string, userSid: string): TimelineUser | null {
    const head = this.#users.find(userSid);
    return head?.serviceSid === serviceSid ? head : null;
  }

  /** The User's latest fact at or before a time. */
  atTime(user: TimelineUser, at: string): UserFact | null {
    const milestone = this.#milestoneAfterTime.get(toPositionNumber(user.first), at);
    return this.#walkBack(user, milestone, (fact) => fact.at <= at);
  }

  /** The User's latest value change before a position. */
  valueChangeBefore(user: TimelineUser, before: Position): UserFact | null {
    const milestone = this.#milestoneAfter.get(
      toPositionNumber(user.first),
      this.#positions.numbers.before(before),
    );
    const fact = this.#walkBack(user, milestone, ({ position }) => position < before);
    return fact === null ? null : this.#at(fact.valueChange, fact);
  }

  /** The latest value change before a fact. */
  previousValueChange(fact: UserFact): UserFact | null {
    const { previous } = fact;
    return previous === null ? null : this.#at(this.#at(previous, fact).valueChange, fact);
  }

  /** The User's value changes after a position, oldest first. */
  *valueChangesAfter(user: TimelineUser, after: Position): Generator<UserFact> {
    const first = toPositionNumber(user.first);
    for (let position = after; ;) {
      const milestone = this.#milestoneValueChangeAfter.get(
        first,
        this.#positions.numbers.atOrBefore(position),
      );
      const end =
        milestone === undefined ? user.turn : this.#positions.in(milestone, 'value_change');
      if (end <= position) return;
      const found: UserFact[] = [];
      let change: UserFact | null = this.#at(end, ownerOf(user));
      while (change !== null && change.position > position) {
        found.push(change);
        change = this.previousValueChange(change);
      }
      yield* found.reverse();
      position = end;
    }
  }

  /** The Service's latest fact at or before a time. */
  serviceAtTime(serviceSid: string, at: string): ServiceFact | null {
    return toServiceFactOrNull(this.#serviceAtTime.get(serviceSid, at));
  }

  /** The Service's latest flag change before a position, including its creation and deletion. */
  flagBefore(serviceSid: string, position: Position): ServiceFact | null {
    return toServiceFactOrNull(this.#flagBefore.get(serviceSid, position));
  }

  flagAfter(serviceSid: string, position: Position): ServiceFact | null {
    return toServiceFactOrNull(this.#flagAfter.get(serviceSid, position));
  }

  /** Changes of the Service's flag after a position, oldest first, including its creation and deletion. */
  flagsAfter(serviceSid: string, position: Position, limit: number): ServiceFact[] {
    return this.#flagsAfter.all(serviceSid, position, limit).map(toServiceFact);
  }

  /** Value changes of the Users of a Service after a position, oldest first. */
  changesOfService(serviceSid: string, position: Position, limit: number): NamedFact[] {
    const service = this.#services.of(serviceSid);
    if (service === null) return [];
    const after = this.#positions.numbers.atOrBefore(position);
    return this.#changesOfService.all(service, after, limit).map((row) => ({
      identity: text(row, 'identity'),
      fact: toUserFact(row, { userSid: text(row, 'sid'), serviceSid }, this.#positions),
    }));
  }

  /** The latest wanted fact of a User before a milestone, or before the end of its facts. */
  #walkBack(
    user: TimelineUser,
    milestone: SqlRow | undefined,
    isWanted: (fact: UserFact) => boolean,
  ): UserFact | null {
    const from = milestone === undefined ? user.latest : this.#positions.in(milestone, 'position');
    let fact = this.#at(from, ownerOf(user));
    while (!isWanted(fact)) {
      if (fact.previous === null) return null;
      fact = this.#at(fact.previous, fact);
    }
    return fact;
  }

  #at(position: Position, owner: FactOwner): UserFact {
    const row = this.#fact.get(toPositionNumber(position));
    if (row === undefined) throw new Error(`There is no fact at position ${position}`);
    return toUserFact(row, owner, this.#positions);
  }
}

function ownerOf({ sid, serviceSid }: TimelineUser): FactOwner {
  return { userSid: sid, serviceSid };
}

function toServiceFactOrNull(row: SqlRow | undefined): ServiceFact | null {
  return row === undefined ? null : toServiceFact(row);
}
