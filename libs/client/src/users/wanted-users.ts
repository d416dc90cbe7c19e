import type { Cancel, Clock } from '../clock.ts';
import { Deferred } from '../deferred.ts';
import { ReachabilityError } from '../errors.ts';
import { isUserSid } from './user-name.ts';
import type { User } from './user.ts';

export interface Wish {
  /** Whether to wait where the User does not exist. */
  readonly isPatient: boolean;
  /** Longest to wait, in milliseconds; forever by default. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly isPatient: boolean;
  readonly deferred: Deferred<User>;
  /** Takes back the timer and the listener on the signal. */
  readonly release: Cancel;
}

/** Users that were asked for and are not there yet, by what they were called: identities or sids. */
export class WantedUsers {
  readonly #clock: Clock;
  readonly #forgotten: (name: string) => void;
  readonly #waiters = new Map<string, Set<Waiter>>();

  /** @param forgotten is told of each name that the last one has stopped waiting for in vain */
  constructor(clock: Clock, forgotten: (name: string) => void) {
    this.#clock = clock;
    this.#forgotten = forgotten;
  }

  names(): IterableIterator<string> {
    return this.#waiters.keys();
  }

  has(name: string): boolean {
    return this.#waiters.has(name);
  }

  /** Whether somebody waits for a User under a name of the other kind, who may be the same. */
  hasOtherKindThan(name: string): boolean {
    return [...this.#waiters.keys()].some((other) => isUserSid(other) !== isUserSid(name));
  }

  add(name: string, { isPatient, timeoutMs, signal }: Wish): Promise<User> {
    const deferred = new Deferred<User>();
    const leave = (error: unknown): void => {
      this.#remove(name, waiter);
      deferred.reject(error);
    };
    const aborted = (): void => leave(signal?.reason);
    const cancel =
      timeoutMs === undefined
        ? () => undefined
        : this.#clock.after(timeoutMs, () => leave(tooLate(name)));
    const release = (): void => {
      cancel();
      signal?.removeEventListener('abort', aborted);
    };
    const waiter: Waiter = { isPatient, deferred, release };
    const waiters = this.#waiters.get(name);
    if (waiters === undefined) this.#waiters.set(name, new Set([waiter]));
    else waiters.add(waiter);
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted);
    return deferred.promise;
  }

  /** Gives the User to all who wait for it under one of these names. */
  found(user: User, ...names: readonly string[]): void {
    for (const name of names) {
      for (const { deferred } of this.#take(name)) deferred.resolve(user);
    }
  }

  /** Rejects those who wait for this name and are not patient. */
  missing(name: string): void {
    const message = `There is no User ${JSON.stringify(name)}`;
    const error = new ReachabilityError('not_found', message);
    for (const waiter of this.#waiters.get(name) ?? []) {
      if (waiter.isPatient) continue;
      this.#remove(name, waiter);
      waiter.deferred.reject(error);
    }
  }

  /** Rejects all who wait for this name. */
  fail(name: string, error: ReachabilityError): void {
    for (const { deferred } of this.#take(name)) deferred.reject(error);
  }

  failAll(error: ReachabilityError): void {
    for (const name of [...this.#waiters.keys()]) this.fail(name, error);
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
    this.#forgotten(name);
  }
}

function tooLate(name: string): ReachabilityError {
  return new ReachabilityError('timeout', `No answer about User ${JSON.stringify(name)} in time`);
}
