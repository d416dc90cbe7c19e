import type { ChatClient } from '../chat-client.ts';
import type { ReachabilityError } from '../errors.ts';
import { CONNECTING, followConnection, type ReachabilityConnection } from './connection.ts';
import { isFinal } from './open-client.ts';
import { WatchedUsers } from './watched-users.ts';

/** What a provider holds: the Users that its components watch, and its client as soon as there is one. */
export class PresenceStore {
  readonly users = new WatchedUsers();
  readonly #listeners = new Set<() => void>();
  #connection = CONNECTING;
  #unfollow = (): void => undefined;

  readonly connection = (): ReachabilityConnection => this.#connection;

  readonly onConnection = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Shows Users by this client from now on. */
  attach(client: ChatClient): void {
    this.#unfollow();
    this.#unfollow = followConnection(client, (connection) => this.#show(connection));
    this.users.use(client);
  }

  /** Shows Users as loading until another client is attached. */
  detach(): void {
    this.#unfollow();
    this.#unfollow = () => undefined;
    this.users.use(null);
    this.#show(CONNECTING);
  }

  /** Shows why there is no client yet. */
  fail(error: ReachabilityError): void {
    const state = isFinal(error) ? 'failed' : 'connecting';
    this.#show({ ...CONNECTING, state, error });
  }

  #show(connection: ReachabilityConnection): void {
    this.#connection = connection;
    for (const listener of [...this.#listeners]) listener();
  }
}
