import type { IdentifiedUserState } from '../protocol/server-frames.ts';
import type { User } from './user.ts';

/** State of a User at one moment. It never changes; {@link UserDescriptor.subscribe} returns a live User. */
export class UserDescriptor {
  readonly #state: IdentifiedUserState;
  readonly #subscribe: () => Promise<User>;

  constructor(state: IdentifiedUserState, subscribe: () => Promise<User>) {
    this.#state = state;
    this.#subscribe = subscribe;
  }

  get sid(): string {
    return this.#state.sid;
  }

  get identity(): string {
    return this.#state.identity;
  }

  get isOnline(): boolean | null {
    return this.#state.is_online;
  }

  get isNotifiable(): boolean | null {
    return this.#state.is_notifiable;
  }

  get version(): string {
    return this.#state.version;
  }

  /** As `getUser` of the client. */
  subscribe(): Promise<User> {
    return this.#subscribe();
  }
}
