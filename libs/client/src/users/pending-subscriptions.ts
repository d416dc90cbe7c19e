import type { Cancel, Clock } from '../clock.ts';
import { Deferred } from '../deferred.ts';
import { ReachabilityError } from '../errors.ts';
import { isUserSid } from './user-name.ts';
import type { User } from './user.ts';

export interface SubscribeOptions {
  /** Whether to wait if the User does not exist. */
  readonly waitUntilExists: boolean;
  /** Time limit in milliseconds; none by default. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly waitUntilExists: boolean;
  readonly deferred: Deferred<User>;
  /** Removes the timer and the listener on the signal. */
  readonly release: Cancel;
}

/** Subscriptions that wait for the state of their User, by the name that the application gave: identity or sid. */
export class PendingSubscriptions {
  readonly #clock: Clock;
  readonly #onAbandoned: (name: string) => void;
  readonly #waiters = new Map<string, Set<Waiter>>();

  /** @param onAbandoned called with a name when its last waiter timed out, was aborted, or was rejected as not found */
  constructor(clock: Clock, onAbandoned: (name: string) => void) {
    this.#clock = clock;
    this.#onAbandoned = onAbandoned;
  }

  names(): IterableIterator<string> {
    return this.#waiters.keys();
  }

  has(name: string): boolean {
    return this.#waiters.has(name);
  }

  /** Whether any sid is pending (for an identity) or any identity (for a sid), which may be of the same User. */
  hasOtherKindThan(name: string): boolean {
    return [...this.#waiters.keys()].some((other) => isUserSid(other) !== isUserSid(name));
  }

  add(name: string, { waitUntilExists, timeoutMs, signal }: SubscribeOptions): Promise<User> {
    const deferred = new Deferred<User>();
    const giveUp = (error: unknown): void => {
      this.#remove(name, waiter);
      deferred.reject(error);
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const cancelTimeout =
      timeoutMs === undefined
        ? () => undefined
        : this.#clock.after(timeoutMs, () => giveUp(timeoutError(name)));
    const release = (): void => {
      cancelTimeout();
      signal?.removeEventListener('abort', onAbort);
    };
    const waiter: Waiter = { waitUntilExists, deferred, release };
    const waiters = this.#waiters.get(name);
    if (waiters === undefined) this.#waiters.set(name, new Set([waiter]));
    else waiters.add(waiter);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort);
    return deferred.promise;
  }

  /** Resolves all subscriptions under these names with the User. */
  resolve(user: User, ...names: readonly string[]): void {
    for (const name of names) {
      for (const { deferred } of this.#take(name)) deferred.resolve(user);
    }
  }

  /** Rejects subscriptions under this name with `not_found`, except those that wait until the User exists. */
  rejectNotFound(name: string): void {
    const error = new ReachabilityError('not_found', `User ${JSON.stringify(name)} does not exist`);
    for (const waiter of this.#waiters.get(name) ?? []) {
      if (waiter.waitUntilExists) continue;
      this.#remove(name, waiter);
      waiter.deferred.reject(error);
    }
  }

  /** Rejects all subscriptions under this name. */
  reject(name: string, error: ReachabilityError): void {
    for (const { deferred } of this.#take(name)) deferred.reject(error);
  }

  rejectAll(error: ReachabilityError): void {
    for (const name of [...this.#waiters.keys()]) this.reject(name, error);
  }

  #take(name: string): Iterable<Waiter> {
    const waiters = this.#waiters.get(name) ?? [];
    this.#waiters.delete(name);
    for (const { release } of waiters) release();
    return waiters;
  }

  #remove(name: string, waiter: Waiter): void {
    waiter.release();
    const waiters = this.#waiters.get(name);
    if (waiters?.delete(waiter) !== true || waiters.size > 0) return;
    this.#waiters.delete(name);
    this.#onAbandoned(name);
  }
}

function timeoutError(name: string): ReachabilityError {
  return new ReachabilityError('timeout', `No answer about User ${JSON.stringify(name)} in time`);
}
