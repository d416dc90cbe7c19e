import { Emitter, type Report } from '../events/emitter.ts';
import type { IdentifiedAnswer } from '../protocol/server-frames.ts';
import { User, type UserEvents, type UserSource } from './user.ts';
import { newRecord, reasonsBetween, type UpdateReason, type UserRecord } from './user-record.ts';

/**
 * What the server's watch-list holds of a User, so that it can be said what is missing.
 *
 * - `said`: it is on the list of the present Connection, and whatever changes is told
 * - `since`: known as of the time before this Connection; asked for what has changed since
 * - `void`: what is known counts for nothing: asked for in full
 */
export type Standing = 'said' | 'since' | 'void';

/** A subscribed User, with what makes it move. */
export class KnownUser implements UserSource {
  record: UserRecord;
  standing: Standing = 'said';
  isSubscribed = true;
  readonly user: User;
  readonly events: Emitter<UserEvents>;
  readonly #unsubscribe: (known: KnownUser) => void;

  constructor(record: UserRecord, report: Report, unsubscribe: (known: KnownUser) => void) {
    this.record = record;
    this.#unsubscribe = unsubscribe;
    this.events = new Emitter(report);
    this.user = new User(this, this.events);
  }

  unsubscribe(): void {
    if (this.isSubscribed) this.#unsubscribe(this);
  }
}

/** A change that listeners are still to be told of. */
export interface Update {
  readonly known: KnownUser;
  readonly reasons: readonly UpdateReason[];
}

/** The subscribed Users, by sid and by identity, the own one first. */
export class KnownUsers {
  readonly #report: Report;
  readonly #unsubscribe: (known: KnownUser) => void;
  readonly #bySid = new Map<string, KnownUser>();
  readonly #sids = new Map<string, string>();

  constructor(report: Report, unsubscribe: (known: KnownUser) => void) {
    this.#report = report;
    this.#unsubscribe = unsubscribe;
  }

  all(): IterableIterator<KnownUser> {
    return this.#bySid.values();
  }

  /** Those whom the present Connection's watch-list may lack. */
  unsaid(): KnownUser[] {
    return [...this.all()].filter(({ standing }) => standing !== 'said');
  }

  /** @param name an identity or a sid */
  find(name: string): KnownUser | undefined {
    return this.#bySid.get(this.#sids.get(name) ?? name);
  }

  add(answer: IdentifiedAnswer): KnownUser {
    const record = newRecord(answer.identity, answer);
    const known = new KnownUser(record, this.#report, this.#unsubscribe);
    this.#bySid.set(answer.sid, known);
    this.#sids.set(answer.identity, answer.sid);
    return known;
  }

  remove({ record }: KnownUser): void {
    this.#bySid.delete(record.sid);
    this.#sids.delete(record.identity);
  }

  /** Changes what is known of one User, and gives what is to be told of it. */
  change(known: KnownUser, evolve: (record: UserRecord) => UserRecord): Update[] {
    const before = known.record;
    known.record = evolve(before);
    const reasons = reasonsBetween(before, known.record);
    return reasons.length === 0 ? [] : [{ known, reasons }];
  }

  changeAll(evolve: (record: UserRecord) => UserRecord): Update[] {
    return [...this.all()].flatMap((known) => this.change(known, evolve));
  }
}
