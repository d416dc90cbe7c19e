import type { ChatClient } from '../chat-client.ts';
import { systemClock, type Clock } from '../clock.ts';
import { unknownPresence, type UserPresence } from './user-presence.ts';
import { WatchedUser } from './watched-user.ts';

/**
 * The Users that components show, by the names that they use. Subscribes to each name once, however many components
 * watch it, and unsubscribes after the last one has gone. Names may be watched before there is a client.
 */
export class WatchedUsers {
  readonly #users = new Map<string, WatchedUser>();
  readonly #clock: Clock;
  #client: ChatClient | null = null;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Subscribes by this client from now on, by none if null. What another client told is forgotten. */
  use(client: ChatClient | null): void {
    if (client === this.#client) return;
    this.#client = client;
    for (const user of this.#users.values()) {
      if (client === null) user.stop();
      else user.start(client);
    }
  }

  presence(name: string): UserPresence {
    return this.#users.get(name)?.presence ?? unknownPresence(name, 'loading');
  }

  /** Watches these names, and calls the listener at each change of one. Returns a function that ends it. */
  watch(names: Iterable<string>, listener: () => void): () => void {
    const users = [...new Set(names)].map((name) => this.#watched(name));
    for (const user of users) {
      user.add(listener);
      if (this.#client !== null) user.start(this.#client);
    }
    return () => {
      for (const user of users) user.remove(listener);
      // React takes an effect back and runs it again in one task, in StrictMode and when one component replaces another.
      queueMicrotask(() => this.#release(users));
    };
  }

  #watched(name: string): WatchedUser {
    const existing = this.#users.get(name);
    if (existing !== undefined) return existing;
    const user = new WatchedUser(name, this.#clock);
    this.#users.set(name, user);
    return user;
  }

  #release(users: readonly WatchedUser[]): void {
    for (const user of users) {
      const { name } = user.presence;
      if (user.isWatched || this.#users.get(name) !== user) continue;
      user.stop();
      this.#users.delete(name);
    }
  }
}
