import type { IdentifiedAnswer } from '../protocol/server-frames.ts';
import type { User } from './user.ts';

/** How a User stood at one moment. It never changes; {@link UserDescriptor.subscribe} gives a User that does. */
export class UserDescriptor {
  readonly #answer: IdentifiedAnswer;
  readonly #subscribe: () => Promise<User>;

  constructor(answer: IdentifiedAnswer, subscribe: () => Promise<User>) {
    this.#answer = answer;
    this.#subscribe = subscribe;
  }

  get sid(): string {
    return this.#answer.sid;
  }

  get identity(): string {
    return this.#answer.identity;
  }

  get isOnline(): boolean | null {
    return this.#answer.is_online;
  }

  get isNotifiable(): boolean | null {
    return this.#answer.is_notifiable;
  }

  get version(): string {
    return this.#answer.version;
  }

  /** As `getUser` of the client. */
  subscribe(): Promise<User> {
    return this.#subscribe();
  }
}
