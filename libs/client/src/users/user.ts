import type { Emitter } from '../events/emitter.ts';
import { Listenable } from '../events/listenable.ts';
import type { UpdateReason, UserRecord } from './user-record.ts';

export interface UserUpdate {
  readonly user: User;
  readonly updateReasons: readonly UpdateReason[];
}

export interface UserEvents {
  /** Something has changed; the User shows it already. */
  updated: UserUpdate;
  userSubscribed: User;
  /** The User changes no more. */
  userUnsubscribed: User;
}

/** Where a User looks up what it shows. */
export interface UserSource {
  readonly record: UserRecord;
  readonly isSubscribed: boolean;
  unsubscribe(): void;
}

/** A User that follows what the server says, for as long as it is subscribed to. All of it is read-only. */
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

  /** Whether the User has a connection; null where that is not known: see `isReachabilityEnabled` of the client. */
  get isOnline(): boolean | null {
    return this.#source.record.isOnline;
  }

  /** Whether a push notification can reach the User; null where that is not known. */
  get isNotifiable(): boolean | null {
    return this.#source.record.isNotifiable;
  }

  /** Whether the User was deleted. Where it is made again, it comes back to life here. */
  get isDeleted(): boolean {
    return this.#source.record.isDeleted;
  }

  /** The version of this answer, the same over REST: `<epoch>:<position>`; empty for a moment after the server's store was replaced. */
  get version(): string {
    return this.#source.record.version;
  }

  get isSubscribed(): boolean {
    return this.#source.isSubscribed;
  }

  /**
   * Ends the subscription: this User keeps its last values. `getUser` gives a new one.
   *
   * @throws ReachabilityError `invalid` for the own User, which is always subscribed
   */
  unsubscribe(): void {
    this.#source.unsubscribe();
  }
}
