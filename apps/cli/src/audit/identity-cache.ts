import { LRUCache } from 'lru-cache';
import { isUserStream, reachabilityRegistry } from '#domain';
import type { EventStore } from '#event-store';

const MAX_ENTRIES = 50_000;

/**
 * Looks up the identity of a User, also of a deleted one: the first event of the User's stream contains it, and it
 * never changes. The cache has a maximum size, so memory use does not depend on the number of Users.
 */
export class IdentityCache {
  readonly #log: EventStore;
  readonly #cache = new LRUCache<string, string>({ max: MAX_ENTRIES });

  constructor(log: EventStore) {
    this.#log = log;
  }

  /** Returns the identity for the stream of a User, null for other streams. */
  async identityOf(stream: string): Promise<string | null> {
    if (!isUserStream(stream)) return null;
    const known = this.#cache.get(stream);
    if (known !== undefined) return known;
    for await (const recorded of this.#log.readStream(stream, { limit: 1 })) {
      const event = reachabilityRegistry.decode(recorded);
      if (event.type !== 'UserCreated') return null;
      this.#cache.set(stream, event.data.identity);
      return event.data.identity;
    }
    return null;
  }
}
