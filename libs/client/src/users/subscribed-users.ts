import { Emitter, type ErrorReporter } from '../events/emitter.ts';
import type { IdentifiedUserState } from '../protocol/server-frames.ts';
import { newRecord, updateReasons, type UpdateReason, type UserRecord } from './user-record.ts';
import { User, type UserEvents, type UserSource } from './user.ts';

/**
 * Whether the server's watch-list covers a User.
 *
 * - `watched`: the present Connection watches it and receives every change
 * - `outdated`: known from an earlier Connection; ask for changes since then
 * - `invalid`: the record is no longer certain; ask for the whole state
 */
type WatchStatus = 'watched' | 'outdated' | 'invalid';

/** A subscribed User with its record and its events. */
export class SubscribedUser implements UserSource {
  record: UserRecord;
  watchStatus: WatchStatus = 'watched';
  isSubscribed = true;
  readonly user: User;
  readonly events: Emitter<UserEvents>;
  readonly #unsubscribe: (subscribed: SubscribedUser) => void;

  constructor(
    record: UserRecord,
    report: ErrorReporter,
    unsubscribe: (subscribed: SubscribedUser) => void,
  ) {
    this.record = record;
    this.#unsubscribe = unsubscribe;
    this.events = new Emitter(report);
    this.user = new User(this, this.events);
  }

  unsubscribe(): void {
    if (this.isSubscribed) this.#unsubscribe(this);
  }
}

/** A change that listeners do not know yet. */
export interface UserChange {
  readonly subscribed: SubscribedUser;
  readonly reasons: readonly UpdateReason[];
}

/** The subscribed Users by sid and identity, the own User first. */
export class SubscribedUsers {
  readonly #report: ErrorReporter;
  readonly #unsubscribe: (subscribed: SubscribedUser) => void;
  readonly #bySid = new Map<string, SubscribedUser>();
  readonly #sids = new Map<string, string>();

  constructor(report: ErrorReporter, unsubscribe: (subscribed: SubscribedUser) => void) {
    this.#report = report;
    this.#unsubscribe = unsubscribe;
  }

  all(): IterableIterator<SubscribedUser> {
    return this.#bySid.values();
  }

  /** @param name an identity or a sid */
  find(name: string): SubscribedUser | undefined {
    return this.#bySid.get(this.#sids.get(name) ?? name);
  }

  add(state: IdentifiedUserState): SubscribedUser {
    const record = newRecord(state.identity, state);
    const subscribed = new SubscribedUser(record, this.#report, this.#unsubscribe);
    this.#bySid.set(state.sid, subscribed);
    this.#sids.set(state.identity, state.sid);
    return subscribed;
  }

  remove({ record }: SubscribedUser): void {
    this.#bySid.delete(record.sid);
    this.#sids.delete(record.identity);
  }

  /** Changes the record of one User. Returns the change for listeners, if any. */
  change(subscribed: SubscribedUser, evolve: (record: UserRecord) => UserRecord): UserChange[] {
    const before = subscribed.record;
    subscribed.record = evolve(before);
    const reasons = updateReasons(before, subscribed.record);
    return reasons.length === 0 ? [] : [{ subscribed, reasons }];
  }

  changeAll(evolve: (record: UserRecord) => UserRecord): UserChange[] {
    return [...this.all()].flatMap((subscribed) => this.change(subscribed, evolve));
  }
}
