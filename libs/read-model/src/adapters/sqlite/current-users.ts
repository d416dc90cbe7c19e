import type { UserInService } from '../../users/users-read-model.ts';

/** Most Users in memory. */
const MAX_USERS = 5_000;
/** Most characters of the attributes of a User in memory: 5,000 Users with as many take 20 MB. */
const MAX_ATTRIBUTES = 1_000;

/** Users that were read from one revision of a file. They are forgotten with the first commit after it. */
export class CurrentUsers {
  readonly #users = new Map<string, UserInService>();
  #revision: string | null = null;

  /** Forgets all Users unless they were read from this revision. Call it before {@link find} and {@link add}. */
  moveTo(revision: string): void {
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#users.clear();
  }

  find(userSid: string): UserInService | undefined {
    return this.#users.get(userSid);
  }

  /** Remembers a User of the current revision, unless it is too large. When there are too many, it begins anew. */
  add(found: UserInService): void {
    const { sid, attributes } = found.user;
    if (attributes.length > MAX_ATTRIBUTES) return;
    if (this.#users.size >= MAX_USERS) this.#users.clear();
    this.#users.set(sid, found);
  }
}
