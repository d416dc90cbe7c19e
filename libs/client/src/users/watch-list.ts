import type { FrameChannel } from '../frame-channel.ts';
import { splitIntoFrames } from '../protocol/client-frames.ts';
import type { Version } from '../protocol/version.ts';
import type { SubscribedUser, SubscribedUsers } from './subscribed-users.ts';
import { invalidated } from './user-record.ts';
import { WatchQueue } from './watch-queue.ts';
import { Watermark } from './watermark.ts';

interface PendingWatch {
  readonly users: readonly string[];
  /** Null if the whole state was asked for. */
  readonly since: Version | null;
}

/** Keeps the server's watch-list complete across connections. Sends only what the server's list lacks. */
export class WatchList {
  readonly #channel: FrameChannel;
  readonly #subscribed: SubscribedUsers;
  readonly #watermark = new Watermark();
  readonly #queue: WatchQueue;
  /** Unanswered `watch` frames by id. */
  readonly #watches = new Map<number, PendingWatch>();
  /** Users of unanswered `unwatch` frames by id. */
  readonly #unwatches = new Map<number, readonly string[]>();

  constructor(channel: FrameChannel, subscribed: SubscribedUsers) {
    this.#channel = channel;
    this.#subscribed = subscribed;
    this.#queue = new WatchQueue(
      (task) => channel.schedule(task),
      () => this.#flush(),
    );
  }

  get watermark(): Version | null {
    return this.#watermark.version;
  }

  advance(version: Version): void {
    this.#watermark.advance(version);
  }

  watch(name: string): void {
    this.#queue.watch(name);
  }

  unwatch(name: string): void {
    this.#queue.unwatch(name);
  }

  /**
   * Sends what the watch-list of a new connection lacks.
   *
   * @param pending names of Users that are not known yet
   */
  resynchronize(isResumed: boolean, version: Version, pending: Iterable<string>): void {
    if (!isResumed) this.#startNewConnection();
    if (this.#watermark.isOfOtherEpochThan(version)) this.invalidate();
    this.#watches.clear();
    this.#queue.restart();
    this.#sendUnwatch(this.#takeUnwatches());
    this.#flush();
    const { since } = this.#watermark;
    const missing = [...this.#subscribed.all()].filter((user) => user.watchStatus !== 'watched');
    const { changed = [], whole = [] } = Object.groupBy(missing, ({ watchStatus }) =>
      since !== null && watchStatus === 'outdated' ? 'changed' : 'whole',
    );
    this.#sendWatch([...pending, ...sidsOf(whole)], null);
    this.#sendWatch(sidsOf(changed), since);
  }

  /** Marks all records as invalid, so that any later state replaces them. */
  invalidate(): void {
    this.#watermark.reset();
    for (const subscribed of this.#subscribed.all()) {
      subscribed.watchStatus = 'invalid';
      subscribed.record = invalidated(subscribed.record);
    }
  }

  /** Handles the answer to a frame. It implies that the server has handled all earlier frames. */
  acknowledge(id: number): void {
    for (const unwatch of this.#unwatches.keys())
      if (unwatch <= id) this.#unwatches.delete(unwatch);
  }

  /** Handles the complete answer to a `watch`. Users that it leaves out have not changed. */
  completeWatch(id: number): void {
    this.acknowledge(id);
    const watch = this.#watches.get(id);
    this.#watches.delete(id);
    if (watch === undefined || watch.since === null) return;
    for (const name of watch.users) {
      const subscribed = this.#subscribed.find(name);
      if (subscribed?.watchStatus === 'outdated') subscribed.watchStatus = 'watched';
    }
  }

  /**
   * Handles a rejected `watch`. Returns the rejected Users.
   *
   * @param rejected the Users that the server names; null means all. The other Users' answer follows
   */
  rejectWatch(id: number, rejected: readonly string[] | null): readonly string[] {
    this.acknowledge(id);
    const watch = this.#watches.get(id);
    if (watch === undefined) return [];
    const names = new Set(rejected ?? watch.users);
    const others = watch.users.filter((name) => !names.has(name));
    if (others.length === 0) this.#watches.delete(id);
    else this.#watches.set(id, { ...watch, users: others });
    return watch.users.filter((name) => names.has(name));
  }

  #startNewConnection(): void {
    const all = [...this.#subscribed.all()];
    if (all.every(({ watchStatus }) => watchStatus !== 'outdated')) this.#watermark.mark();
    for (const subscribed of all) {
      if (subscribed.watchStatus === 'watched') subscribed.watchStatus = 'outdated';
    }
    this.#queue.takeToUnwatch();
    this.#unwatches.clear();
  }

  #flush(): void {
    if (!this.#channel.isConnected) return;
    this.#sendUnwatch(this.#queue.takeToUnwatch());
    this.#sendWatch(this.#queue.takeToWatch(), null);
  }

  #sendUnwatch(names: readonly string[]): void {
    for (const users of splitIntoFrames(names, this.#channel.limits)) {
      const id = this.#channel.nextId();
      this.#unwatches.set(id, users);
      this.#channel.send({ type: 'unwatch', id, users });
    }
  }

  #takeUnwatches(): string[] {
    const names = [...this.#unwatches.values()].flat();
    this.#unwatches.clear();
    return names;
  }

  #sendWatch(names: readonly string[], since: Version | null): void {
    const { version, limits } = this.#channel;
    const named = {
      ...(since === null ? {} : { since }),
      ...(version === null ? {} : { version }),
    };
    for (const users of splitIntoFrames(names, limits)) {
      const id = this.#channel.nextId();
      this.#watches.set(id, { users, since });
      this.#channel.send({ type: 'watch', id, users, ...named });
    }
  }
}

function sidsOf(users: readonly SubscribedUser[]): string[] {
  return users.map(({ record }) => record.sid);
}
