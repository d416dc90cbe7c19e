import { ignoreUnhandled } from '../deferred.ts';
import { ReachabilityError } from '../errors.ts';
import type { ClientEvents } from '../events/client-events.ts';
import type { Emitter } from '../events/emitter.ts';
import type { FrameChannel } from '../frame-channel.ts';
import type { Settings } from '../options.ts';
import type { Cancel, Clock } from '../clock.ts';
import type {
  ErrorFrame,
  SnapshotFrame,
  UserState,
  WatchFrame,
} from '../protocol/server-frames.ts';
import type { Version } from '../protocol/version.ts';
import { PendingSubscriptions, type SubscribeOptions } from './pending-subscriptions.ts';
import { SubscribedUsers, type SubscribedUser, type UserChange } from './subscribed-users.ts';
import { applyDeletion, applyServiceChange, applyState } from './user-record.ts';
import type { User } from './user.ts';
import { WatchList } from './watch-list.ts';

/** Milliseconds until a `watch` is sent again where the server does not say when. */
const DEFAULT_RETRY_MS = 1_000;

/** Subscribes to Users: keeps the server's watch-list in step, applies frames to Users, and emits their events. */
export class Subscriptions {
  readonly #events: Emitter<ClientEvents>;
  readonly #subscribed: SubscribedUsers;
  readonly #pending: PendingSubscriptions;
  readonly #watchList: WatchList;
  readonly #clock: Clock;
  readonly #retries = new Set<Cancel>();
  #selfSid: string | null = null;
  #endedBy: ReachabilityError | null = null;

  constructor(
    channel: FrameChannel,
    { clock, report }: Pick<Settings, 'clock' | 'report'>,
    events: Emitter<ClientEvents>,
  ) {
    this.#events = events;
    this.#clock = clock;
    this.#subscribed = new SubscribedUsers(report, (subscribed) => this.#unsubscribe(subscribed));
    this.#watchList = new WatchList(channel, this.#subscribed);
    this.#pending = new PendingSubscriptions(clock, (name) => this.#abandon(name));
  }

  /** Sid of the own User; null before the first connection. */
  get selfSid(): string | null {
    return this.#selfSid;
  }

  /** The version to resume from. */
  get watermark(): Version | null {
    return this.#watchList.watermark;
  }

  users(): User[] {
    return [...this.#subscribed.all()].map(({ user }) => user);
  }

  /** Subscribes to the own User, which cannot be unsubscribed. */
  subscribeSelf(sid: string): Promise<User> {
    this.#selfSid = sid;
    return this.subscribe(sid, { waitUntilExists: true });
  }

  /** Returns a live User by identity or sid. Calls within one tick share a `watch` frame. */
  subscribe(name: string, options: SubscribeOptions): Promise<User> {
    const subscribed = this.#subscribed.find(name);
    if (subscribed?.record.isDeleted === false) return Promise.resolve(subscribed.user);
    if (this.#endedBy !== null) return ignoreUnhandled(Promise.reject<User>(this.#endedBy));
    const promise = this.#pending.add(name, options);
    if (subscribed !== undefined) this.#pending.rejectNotFound(name);
    else if (this.#pending.has(name)) this.#watchList.watch(name);
    return promise;
  }

  /** Completes the watch-list of a new connection. */
  resynchronize(isResumed: boolean, version: Version): void {
    this.#watchList.resynchronize(isResumed, version, this.#pending.names());
  }

  /** Applies a frame to the Users that it is about. All Users change before the first listener is called. */
  receive(frame: WatchFrame): void {
    if (frame.type === 'resync') {
      this.#watchList.invalidate();
      return;
    }
    this.#watchList.advance(frame.version);
    switch (frame.type) {
      case 'snapshot':
        this.#applySnapshot(frame);
        break;
      case 'change':
        this.#applyChange(frame, frame.identity);
        break;
      case 'gone': {
        const subscribed = this.#subscribed.find(frame.sid);
        if (subscribed !== undefined) this.#notify(this.#delete(subscribed, frame.version));
        return;
      }
      case 'service':
        this.#notify(
          this.#subscribed.changeAll((record) => applyServiceChange(record, frame.version)),
        );
        break;
    }
  }

  /** Handles the answer to an `unwatch`. */
  unwatched(id: number): void {
    this.#watchList.acknowledge(id);
  }

  /**
   * Handles a rejected `watch`. Returns whether only a new connection recovers from it.
   *
   * @param frame names the rejected Users, and when they are accepted
   */
  reject(
    id: number,
    error: ReachabilityError,
    { users: rejected, retry_after_ms: retryAfterMs }: Pick<ErrorFrame, 'users' | 'retry_after_ms'>,
  ): boolean {
    const names = this.#watchList.rejectWatch(id, rejected);
    if (error.code === 'too_many_lookups') {
      this.#watchLater(names, retryAfterMs ?? DEFAULT_RETRY_MS);
      return false;
    }
    const users = names.flatMap((name) => this.#subscribed.find(name) ?? []);
    if (error.code === 'unavailable' && users.length > 0) return true;
    for (const name of names) this.#pending.reject(name, error);
    for (const subscribed of users) {
      if (subscribed.record.sid !== this.#selfSid) this.#drop(subscribed);
    }
    return false;
  }

  /** Rejects pending subscriptions, and any later one. */
  end(error: ReachabilityError): void {
    this.#endedBy = error;
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
    this.#pending.rejectAll(error);
  }

  /** Watches names again after a while, unless a new connection has done so or the application wants them no more. */
  #watchLater(names: readonly string[], ms: number): void {
    if (names.length === 0) return;
    const cancel = this.#clock.after(ms, () => {
      this.#retries.delete(cancel);
      for (const name of names) {
        const subscribed = this.#subscribed.find(name);
        const isMissing = subscribed !== undefined && subscribed.watchStatus !== 'watched';
        if (isMissing || this.#pending.has(name)) this.#watchList.watch(name);
      }
    });
    this.#retries.add(cancel);
  }

  #applySnapshot({ id, users, unknown, version, done }: SnapshotFrame): void {
    const changes: UserChange[] = [];
    const added: SubscribedUser[] = [];
    for (const state of users) {
      const subscribed = this.#subscribed.find(state.sid);
      if (subscribed !== undefined) {
        subscribed.watchStatus = 'watched';
        changes.push(...this.#subscribed.change(subscribed, (record) => applyState(record, state)));
      } else if (this.#pending.has(state.sid) || this.#pending.has(state.identity)) {
        added.push(this.#subscribed.add(state));
      }
    }
    for (const name of unknown) {
      const subscribed = this.#subscribed.find(name);
      if (subscribed !== undefined) {
        subscribed.watchStatus = 'watched';
        changes.push(...this.#delete(subscribed, version));
      }
      this.#pending.rejectNotFound(name);
    }
    if (id !== null && done) this.#watchList.completeWatch(id);
    this.#notify(changes, added);
  }

  #applyChange(state: UserState, identity: string | null): void {
    const subscribed = this.#subscribed.find(state.sid);
    if (subscribed !== undefined) {
      this.#notify(this.#subscribed.change(subscribed, (record) => applyState(record, state)));
    } else if (identity !== null && (this.#pending.has(state.sid) || this.#pending.has(identity))) {
      this.#notify([], [this.#subscribed.add({ ...state, identity })]);
    }
  }

  #delete(subscribed: SubscribedUser, version: Version): UserChange[] {
    return this.#subscribed.change(subscribed, (record) => applyDeletion(record, version));
  }

  #notify(changes: readonly UserChange[], added: readonly SubscribedUser[] = []): void {
    for (const { user } of added) {
      this.#pending.resolve(user, user.sid, user.identity);
      this.#events.emit('userSubscribed', user);
    }
    for (const { subscribed, reasons } of changes) {
      const { user } = subscribed;
      if (!user.isDeleted) this.#pending.resolve(user, user.sid, user.identity);
      subscribed.events.emit('updated', { user, updateReasons: reasons });
      this.#events.emit('userUpdated', { user, updateReasons: reasons });
    }
  }

  #unsubscribe(subscribed: SubscribedUser): void {
    const { sid, identity } = subscribed.record;
    if (sid === this.#selfSid) {
      throw new ReachabilityError('invalid', 'The own User cannot be unsubscribed');
    }
    this.#watchList.unwatch(sid);
    this.#drop(subscribed);
    for (const name of [sid, identity]) if (this.#pending.has(name)) this.#watchList.watch(name);
  }

  #drop(subscribed: SubscribedUser): void {
    subscribed.isSubscribed = false;
    this.#subscribed.remove(subscribed);
    subscribed.events.emit('userUnsubscribed', subscribed.user);
    this.#events.emit('userUnsubscribed', subscribed.user);
  }

  /** Unwatches a name that nobody waits for any more. */
  #abandon(name: string): void {
    if (this.#subscribed.find(name) !== undefined) return;
    // The same User may be pending under its other name: its sid or its identity.
    if (!this.#pending.hasOtherKindThan(name)) this.#watchList.unwatch(name);
  }
}
