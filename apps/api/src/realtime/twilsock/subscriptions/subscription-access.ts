/**
 * Users that a client may no longer watch although it is subscribed to them, each with the id of the event that said
 * so. An SDK ignores an event that is not newer than the last one of an item.
 */
export class SubscriptionAccess {
  /** Null while there is none, as for nearly all clients. */
  #lost: Map<string, number> | null = null;

  /**
   * Records whether a client may watch a User now. Returns the id of the event to send; null if nothing has changed.
   *
   * @param now id of the log's latest event
   */
  change(userSid: string, mayWatch: boolean, now: number): number | null {
    const lostAt = this.#lost?.get(userSid);
    if (mayWatch === (lostAt === undefined)) return null;
    if (lostAt !== undefined) {
      this.forget(userSid);
      return Math.max(now, lostAt + 1);
    }
    // The latest event of the log may be of this User, so its id is not new enough. The next one is not for this client.
    this.#lost = (this.#lost ?? new Map<string, number>()).set(userSid, now + 1);
    return now + 1;
  }

  forget(userSid: string): void {
    this.#lost?.delete(userSid);
  }
}
