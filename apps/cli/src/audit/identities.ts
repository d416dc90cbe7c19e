import { LRUCache } from 'lru-cache';
import { reachabilityRegistry, userStream } from '#domain';
import type { EventStore } from '#event-store';

const MOST_KEPT = 50_000;

/**
 * Identities by the stream of their User, also of Users that were deleted: the first event of the stream names
 * it, and it never changes. Memory is bounded however many Users there are.
 */
export class Identities {
  readonly #log: EventStore;
  readonly #known = new LRUCache<string, string>({ max: MOST_KEPT });

  constructor(log: EventStore) {
    this.#log = log;
  }

  /** Null for a stream that is no User's. */
  async of(stream: string): Promise<string | null> {
    if (!stream.startsWith(userStream(''))) return null;
    const known = this.#known.get(stream);
    if (known !== undefined) return known;
    for await (const recorded of this.#log.readStream(stream, { limit: 1 })) {
      const event = reachabilityRegistry.decode(recorded);
      if (event.type !== 'UserCreated') return null;
      this.#known.set(stream, event.data.identity);
      return event.data.identity;
    }
    return null;
  }
}
