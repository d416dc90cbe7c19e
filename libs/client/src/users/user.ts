import type { Emitter } from '../events/emitter.ts';
import { Listenable } from '../events/listenable.ts';
import type { UpdateReason, UserRecord } from './user-record.ts';

export interface UserUpdate {
  readonly user: User;
  readonly updateReasons: readonly UpdateReason[];
}

export interface UserEvents {
  /** The User has changed and shows it already. */
  updated: UserUpdate;
  userSubscribed: User;
  /** The User no longer changes. */
  userUnsubscribed: User;
}

/** Source of a User's properties. */
export interface UserSource {
  readonly record: UserRecord;
  readonly isSubscribed: boolean;
  unsubscribe(): void;
}

/** A live User: its read-only properties follow the server as long as it is subscribed. */
export class User extends Listenable<UserEvents> {
  readonly #source: UserSource;

  constructor(source: UserSource, emitter: Emitter<UserEvents>) {
    super(emitter);
    this.#source = source;
  }

  get sid(): string {
    return this.#source.record.sid;
  }

  get identity(): string {
    return this.#source.record.identity;
  }

  /** Whether the User has a connection; null if unknown, see `isReachabilityEnabled` of the client. */
  get isOnline(): boolean | null {
    return this.#source.record.isOnline;
  }

  /** Whether a push notification can reach the User; null if unknown. */
  get isNotifiable(): boolean | null {
    return this.#source.record.isNotifiable;
  }

  /** Whether the User was deleted. If it is created again, this object shows it again. */
  get isDeleted(): boolean {
    return this.#source.record.isDeleted;
  }

  /**
   * Version of this state, the same as over REST: `<epoch>:<position>`. Empty for a moment after the server's store was
   * replaced.
   */
  get version(): string {
    return this.#source.record.version;
  }

  get isSubscribed(): boolean {
    return this.#source.isSubscribed;
  }

  /**
   * Ends the subscription. This User keeps its last values; `getUser` returns a new one.
   *
   * @throws ReachabilityError `invalid` for the own User, which cannot be unsubscribed
   */
  unsubscribe(): void {
    this.#source.unsubscribe();
  }
}
