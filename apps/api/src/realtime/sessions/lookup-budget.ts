import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { MONOTONIC, type Monotonic } from '../../platform/injection-tokens.ts';
import { KeyedRateLimiter } from '../../platform/keyed-rate-limiter.ts';
import { LimitExceededError } from '../../platform/limit-exceeded-error.ts';

/**
 * Limits how many names the clients of a User look up over their sockets, in any protocol: otherwise a client could try
 * name after name to learn who exists. Names on a watch-list are looked up once, so resuming a session costs nothing.
 */
@Injectable()
export class LookupBudget {
  readonly #limiter: KeyedRateLimiter;
  readonly #burst: number;

  constructor(settings: Settings, @Inject(MONOTONIC) now: Monotonic) {
    this.#burst = settings.LOOKUP_BURST_PER_USER;
    this.#limiter = new KeyedRateLimiter(settings.LOOKUPS_PER_USER_PER_SECOND, this.#burst, now);
  }

  /**
   * Counts names that a client looks up together, whether or not they exist. More than the burst cost as much as the
   * burst: otherwise they could never be looked up.
   *
   * @throws LimitExceededError `too_many_lookups`; none of them counts then
   */
  charge({ userSid }: { readonly userSid: string }, names = 1): void {
    const cost = Math.min(names, this.#burst);
    if (cost === 0 || this.#limiter.take(userSid, cost)) return;
    throw new LimitExceededError('too_many_lookups', this.#limiter.secondsUntil(userSid, cost));
  }
}
