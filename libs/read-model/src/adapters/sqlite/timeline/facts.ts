import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { userStream } from '#domain';
import type { Position } from '#event-store';
import { text, type SqlRow } from '#projections/adapters/columns';
import type { NamedFact } from '../../../timeline/reachability-changes.ts';
import type { ServiceFact, TimelineUser, UserFact } from '../../../timeline/timeline-state.ts';
import { toServiceFact, toUserFact } from '../../fact-codecs.ts';
import { TimelineTables } from './timeline-tables.ts';

/** A few megabytes. */
const IDENTITIES_CACHED = 50_000;

/** Finds facts in one version: looks up the next milestone of a User, then walks back to the fact. */
export class Facts {
  readonly #tables: TimelineTables;
  readonly #identities = new LRUCache<string, string>({ max: IDENTITIES_CACHED });
  readonly #fact: StatementSync;
  readonly #milestoneFrom: StatementSync;
  readonly #milestoneAfterTime: StatementSync;
  readonly #milestoneValueChangeAfter: StatementSync;
  readonly #serviceAtTime: StatementSync;
  readonly #flagBefore: StatementSync;
  readonly #flagAfter: StatementSync;
  readonly #flagsAfter: StatementSync;
  readonly #changesOfService: StatementSync;

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
    this.#milestoneValueChangeAfter = db.prepare(
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
    this.#flagsAfter = db.prepare(
      `SELECT * FROM ${flags} AND position > ? ORDER BY position LIMIT ?`,
    );
    this.#changesOfService = db.prepare(
      `SELECT * FROM user_facts WHERE service_sid = ? AND turn = position AND position > ?
       ORDER BY position LIMIT ?`,
    );
  }

  /** Null when the User has never existed in the Service. */
  user(serviceSid: string, userSid: string): TimelineUser | null {
    const head = this.#tables.head(userStream(userSid));
    return head?.kind === 'user' && head.serviceSid === serviceSid ? head : null;
  }

  /** The User's latest fact at or before a time. */
  atTime({ sid, latest }: TimelineUser, at: string): UserFact | null {
    const milestone = this.#milestoneAfterTime.get(sid, at);
    return this.#walkBack(positionOf(milestone) ?? latest, (fact) => fact.at <= at);
  }

  /** The User's latest value change before a position. */
  valueChangeBefore({ sid, latest }: TimelineUser, before: Position): UserFact | null {
    const milestone = this.#milestoneFrom.get(sid, before);
    const fact = this.#walkBack(
      positionOf(milestone) ?? latest,
      ({ position }) => position < before,
    );
    return fact === null ? null : this.#at(fact.valueChange);
  }

  /** The latest value change before a fact. */
  previousValueChange({ previous }: UserFact): UserFact | null {
    return previous === null ? null : this.#at(this.#at(previous).valueChange);
  }

  /** The User's value changes after a position, oldest first. */
  *valueChangesAfter({ sid, turn: latest }: TimelineUser, after: Position): Generator<UserFact> {
    for (let position = after; ;) {
      const milestone = this.#milestoneValueChangeAfter.get(sid, position);
      const end = milestone === undefined ? latest : text(milestone, 'turn');
      if (end <= position) return;
      const found: UserFact[] = [];
      let change: UserFact | null = this.#at(end);
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
    return this.#changesOfService.all(serviceSid, position, limit).map((row) => {
      const fact = toUserFact(row);
      return { identity: this.#identityOf(fact.userSid), fact };
    });
  }

  /** A User's identity never changes. Looking up its head takes four times as long as reading a fact. */
  #identityOf(userSid: string): string {
    const known = this.#identities.get(userSid);
    if (known !== undefined) return known;
    const head = this.#tables.head(userStream(userSid));
    if (head?.kind !== 'user') throw new Error(`There is no head of ${userSid}`);
    this.#identities.set(userSid, head.identity);
    return head.identity;
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
    if (row === undefined) throw new Error(`There is no fact at position ${position}`);
    return toUserFact(row);
  }
}

function positionOf(row: SqlRow | undefined): Position | null {
  return row === undefined ? null : text(row, 'position');
}

function toServiceFactOrNull(row: SqlRow | undefined): ServiceFact | null {
  return row === undefined ? null : toServiceFact(row);
}
