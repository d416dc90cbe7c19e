import type { ChatClient } from '../chat-client.ts';
import type { Cancel, Clock } from '../clock.ts';
import { ReachabilityError } from '../errors.ts';
import type { User } from '../users/user.ts';
import { isSamePresence, unknownPresence, type UserPresence } from './user-presence.ts';

/** Milliseconds until a subscription is tried again that the server could not answer. */
const RETRY_MS = 5_000;

/** One name that components watch: their number, what is known, and the subscription behind it. */
export class WatchedUser {
  readonly #listeners = new Set<() => void>();
  #presence: UserPresence;
  #subscription: Subscription | null = null;
  readonly #clock: Clock;

  constructor(name: string, clock: Clock) {
    this.#clock = clock;
    this.#presence = unknownPresence(name, 'loading');
  }

  get presence(): UserPresence {
    return this.#presence;
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  add(listener: () => void): void {
    this.#listeners.add(listener);
  }

  remove(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Subscribes by this client, unless it has done so and was not refused. */
  start(client: ChatClient): void {
    if (this.#subscription?.client === client && this.#presence.status !== 'failed') return;
    this.stop();
    this.#subscription = new Subscription(client, this.#clock, this.#presence.name, (presence) =>
      this.#show(presence),
    );
  }

  /** Ends the subscription. Its values are forgotten: nothing keeps them true, and the next client may not see them. */
  stop(): void {
    this.#subscription?.end();
    this.#subscription = null;
    this.#show(unknownPresence(this.#presence.name, 'loading'));
  }

  #show(presence: UserPresence): void {
    if (isSamePresence(this.#presence, presence)) return;
    this.#presence = presence;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** A subscription of one client to one name, which may not exist yet. */
class Subscription {
  readonly client: ChatClient;
  readonly #name: string;
  readonly #show: (presence: UserPresence) => void;
  readonly #ended = new AbortController();
  readonly #clock: Clock;
  #cancelRetry: Cancel = () => undefined;

  constructor(
    client: ChatClient,
    clock: Clock,
    name: string,
    show: (presence: UserPresence) => void,
  ) {
    this.client = client;
    this.#clock = clock;
    this.#name = name;
    this.#show = show;
    void this.#subscribe();
  }

  end(): void {
    this.#cancelRetry();
    this.#ended.abort();
  }

  async #subscribe(): Promise<void> {
    const { signal } = this.#ended;
    const waiting = this.client.waitForUser(this.#name, { signal });
    // Shares the request of the other, which does not hear that there is no such User.
    this.client.getUser(this.#name, { signal }).catch((error: unknown) => {
      if (!signal.aborted && isNotFound(error)) this.#show(unknownPresence(this.#name, 'missing'));
    });
    try {
      const user = await waiting;
      if (signal.aborted) this.#unsubscribe(user);
      else this.#follow(user);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ReachabilityError)) throw error;
      this.#show(unknownPresence(this.#name, 'failed', error));
      if (error.code === 'unavailable') {
        this.#cancelRetry = this.#clock.after(RETRY_MS, () => void this.#subscribe());
      }
    }
  }

  #follow(user: User): void {
    const show = (): void => this.#show(this.#presenceOf(user));
    const subscribeAgain = (): void => {
      stop();
      void this.#subscribe();
    };
    const stop = (): void => {
      user.off('updated', show);
      user.off('userUnsubscribed', subscribeAgain);
    };
    user.on('updated', show);
    user.on('userUnsubscribed', subscribeAgain);
    this.#ended.signal.addEventListener('abort', () => {
      stop();
      this.#unsubscribe(user);
    });
    show();
  }

  #presenceOf(user: User): UserPresence {
    if (user.isDeleted) return unknownPresence(this.#name, 'missing');
    const { sid, identity, isOnline, isNotifiable } = user;
    return {
      name: this.#name,
      sid,
      identity,
      isOnline,
      isNotifiable,
      status: 'live',
      error: null,
    };
  }

  #unsubscribe(user: User): void {
    if (user !== this.client.user && user.isSubscribed) user.unsubscribe();
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ReachabilityError && error.code === 'not_found';
}
