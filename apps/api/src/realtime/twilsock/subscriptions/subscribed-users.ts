import type { WatchQuota } from '../../sessions/watch-quota.ts';

/** Users by sid: a Set or the keys of a Map. */
type UserSids = Pick<ReadonlySet<string>, 'has' | 'keys'>;

/** Users that one client is subscribed to, within its own limit and the quota of its User. */
export class SubscribedUsers {
  readonly #max: number;
  readonly #quota: Pick<WatchQuota, 'roomOf' | 'adjust'>;
  readonly #owner: Parameters<WatchQuota['roomOf']>[0];
  /** By User: whether the last reachability sent is other than null. */
  readonly #users = new Map<string, boolean>();
  /** Users that are counted for this client against the quota of its User. */
  #counted = 0;

  /** @param max Users that one client may be subscribed to */
  constructor(
    max: number,
    quota: Pick<WatchQuota, 'roomOf' | 'adjust'>,
    owner: Parameters<WatchQuota['roomOf']>[0],
  ) {
    this.#max = max;
    this.#quota = quota;
    this.#owner = owner;
  }

  get sids(): readonly string[] {
    return [...this.#users.keys()];
  }

  /** Users whose last reachability sent is other than null. */
  get answered(): readonly string[] {
    return [...this.#users].flatMap(([userSid, isAnswered]) => (isAnswered ? [userSid] : []));
  }

  has(userSid: string): boolean {
    return this.#users.has(userSid);
  }

  /** @param isAnswered whether the reachability that is sent is other than null */
  set(userSid: string, isAnswered: boolean): void {
    this.#users.set(userSid, isAnswered);
  }

  delete(userSid: string): void {
    this.#users.delete(userSid);
  }

  /** @param requested other Users of the same request */
  hasRoomFor(userSid: string, requested: UserSids): boolean {
    if (this.has(userSid) || requested.has(userSid)) return true;
    const room = Math.min(this.#max - this.#users.size, this.#quota.roomOf(this.#owner));
    return this.countNew(requested) < room;
  }

  /** Returns how many of these Users are not subscribed yet. */
  countNew(userSids: UserSids): number {
    return [...userSids.keys()].filter((userSid) => !this.has(userSid)).length;
  }

  /** Counts the Users, and those that are being added to them, against the quota of the client's User. */
  charge(added = 0): void {
    const count = this.#users.size + added;
    this.#quota.adjust(this.#owner, count - this.#counted);
    this.#counted = count;
  }
}
