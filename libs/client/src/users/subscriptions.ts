import type { Clock } from '../clock.ts';
import { unattended } from '../deferred.ts';
import { ReachabilityError } from '../errors.ts';
import type { Report } from '../events/emitter.ts';
import type { SnapshotFrame, UserAnswer, WatchFrame } from '../protocol/server-frames.ts';
import type { Version } from '../protocol/version.ts';
import { KnownUsers, type KnownUser, type Update } from './known-users.ts';
import type { User, UserUpdate } from './user.ts';
import { answered, gone, switched } from './user-record.ts';
import { WantedUsers, type Wish } from './wanted-users.ts';
import { WatchList, type WatchListHost } from './watch-list.ts';

/** What subscriptions need of the connection and of their client. */
export interface SubscriptionsHost extends WatchListHost {
  readonly clock: Clock;
  /** Where errors of listeners go. */
  readonly report: Report;
  isSelf(sid: string): boolean;
  subscribed(user: User): void;
  unsubscribed(user: User): void;
  updated(update: UserUpdate): void;
}

/** The watch-list: whom the application wants to follow, what the server was told of it, and what it answered. */
export class Subscriptions {
  readonly #host: SubscriptionsHost;
  readonly #known: KnownUsers;
  readonly #wanted: WantedUsers;
  readonly #list: WatchList;
  #over: ReachabilityError | null = null;

  constructor(host: SubscriptionsHost) {
    this.#host = host;
    this.#known = new KnownUsers(host.report, (known) => this.#unsubscribe(known));
    this.#list = new WatchList(host, this.#known);
    this.#wanted = new WantedUsers(host.clock, (name) => this.#forget(name));
  }

  /** How far the server was heard, to resume from. */
  get watermark(): Version | null {
    return this.#list.watermark;
  }

  users(): User[] {
    return [...this.#known.all()].map(({ user }) => user);
  }

  /** Gives a live User, by identity or sid. Calls within one tick go out in one frame, or few. */
  subscribe(name: string, wish: Wish): Promise<User> {
    const known = this.#known.find(name);
    if (known?.record.isDeleted === false) return Promise.resolve(known.user);
    if (this.#over !== null) return unattended(Promise.reject<User>(this.#over));
    const promise = this.#wanted.add(name, wish);
    if (known !== undefined) this.#wanted.missing(name);
    else if (this.#wanted.has(name)) this.#list.watch(name);
    return promise;
  }

  /** A Connection stands: says all that its watch-list lacks. */
  attached(isResumed: boolean, version: Version): void {
    this.#list.attached(isResumed, version, this.#wanted.names());
  }

  /** Takes what the server says of watched Users. All of a frame shows before the first listener is told. */
  receive(frame: WatchFrame): void {
    if (frame.type === 'resync') {
      this.#list.void();
      return;
    }
    this.#list.read(frame.version);
    switch (frame.type) {
      case 'snapshot':
        this.#snapshot(frame);
        break;
      case 'change':
        this.#change(frame, frame.identity);
        break;
      case 'gone': {
        const known = this.#known.find(frame.sid);
        if (known !== undefined) this.#tell(this.#goneAt(known, frame.version));
        return;
      }
      case 'service':
        this.#tell(this.#known.changeAll((record) => switched(record, frame.version)));
        break;
    }
  }

  /** An `unwatch` is answered. */
  unwatched(id: number): void {
    this.#list.handled(id);
  }

  /**
   * Takes the refusal of a `watch`. Gives whether it takes a new connection to get over it.
   *
   * @param refused whom it is about; null where that is everybody
   */
  refuse(id: number, error: ReachabilityError, refused: readonly string[] | null): boolean {
    const users = this.#list.refused(id, refused);
    const known = users.flatMap((name) => this.#known.find(name) ?? []);
    if (error.code === 'unavailable' && known.length > 0) return true;
    for (const name of users) this.#wanted.fail(name, error);
    for (const each of known) {
      if (!this.#host.isSelf(each.record.sid)) this.#drop(each);
    }
    return false;
  }

  /** Nothing more will be heard. */
  end(error: ReachabilityError): void {
    this.#over = error;
    this.#wanted.failAll(error);
  }

  #snapshot({ id, users, unknown, version, done }: SnapshotFrame): void {
    const updates: Update[] = [];
    const added: KnownUser[] = [];
    for (const answer of users) {
      const known = this.#known.find(answer.sid);
      if (known !== undefined) {
        known.standing = 'said';
        updates.push(...this.#known.change(known, (record) => answered(record, answer)));
      } else if (this.#wanted.has(answer.sid) || this.#wanted.has(answer.identity)) {
        added.push(this.#known.add(answer));
      }
    }
    for (const name of unknown) {
      const known = this.#known.find(name);
      if (known !== undefined) {
        known.standing = 'said';
        updates.push(...this.#goneAt(known, version));
      }
      this.#wanted.missing(name);
    }
    if (id !== null && done) this.#list.answered(id);
    this.#tell(updates, added);
  }

  #change(answer: UserAnswer, identity: string | null): void {
    const known = this.#known.find(answer.sid);
    if (known !== undefined) {
      this.#tell(this.#known.change(known, (record) => answered(record, answer)));
    } else if (identity !== null && (this.#wanted.has(answer.sid) || this.#wanted.has(identity))) {
      this.#tell([], [this.#known.add({ ...answer, identity })]);
    }
  }

  #goneAt(known: KnownUser, version: Version): Update[] {
    return this.#known.change(known, (record) => gone(record, version));
  }

  #tell(updates: readonly Update[], added: readonly KnownUser[] = []): void {
    for (const { user } of added) {
      this.#wanted.found(user, user.sid, user.identity);
      this.#host.subscribed(user);
    }
    for (const { known, reasons } of updates) {
      const { user } = known;
      if (!user.isDeleted) this.#wanted.found(user, user.sid, user.identity);
      known.events.emit('updated', { user, updateReasons: reasons });
      this.#host.updated({ user, updateReasons: reasons });
    }
  }

  #unsubscribe(known: KnownUser): void {
    const { sid, identity } = known.record;
    if (this.#host.isSelf(sid)) {
      throw new ReachabilityError('invalid', 'The own User is always subscribed to');
    }
    this.#list.unwatch(sid);
    this.#drop(known);
    for (const name of [sid, identity]) if (this.#wanted.has(name)) this.#list.watch(name);
  }

  #drop(known: KnownUser): void {
    known.isSubscribed = false;
    this.#known.remove(known);
    known.events.emit('userUnsubscribed', known.user);
    this.#host.unsubscribed(known.user);
  }

  /** Nobody waits for this name any more. */
  #forget(name: string): void {
    if (this.#known.find(name) !== undefined) return;
    // Under its other kind of name, the same User may still be wanted.
    if (!this.#wanted.hasOtherKindThan(name)) this.#list.unwatch(name);
  }
}
