import type { WatchQuota } from '../../sessions/watch-quota.ts';

/** Users that one client is subscribed to, within its own limit and the quota of its User. */
export class SubscribedUsers {
  readonly #max: number;
  readonly #quota: Pick<WatchQuota, 'roomOf' | 'adjust'>;
  readonly #owner: { readonly userSid: string };
  /** By User: whether the last reachability sent is other than null. */
  readonly #users = new Map<string, boolean>();
  /** Users that are counted for this client against the quota of its User. */
  #counted = 0;

  /** @param max Users that one client may be subscribed to */
  constructor(
    max: number,
    quota: Pick<WatchQuota, 'roomOf' | 'adjust'>,
    owner: { readonly userSid: string },
  ) {
    this.#max = max;
    this.#quota = quota;
    this.#owner = owner;
  }

  get sids(): readonly string[] {
    return [...this.#users.keys()];
  }

  /** How many more Users the client may subscribe to. */
  get room(): number {
    return Math.min(this.#max - this.#users.size, this.#quota.roomOf(this.#owner));
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

  /** Counts the Users, and those that are being added to them, against the quota of the client's User. */
  charge(added = 0): void {
    const count = this.#users.size + added;
    this.#quota.adjust(this.#owner, count - this.#counted);
    this.#counted = count;
  }
}
