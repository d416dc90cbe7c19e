import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { MONOTONIC, type Monotonic } from '../../platform/injection-tokens.ts';
import { KeyedRateLimiter } from '../../platform/keyed-rate-limiter.ts';
import { LimitExceededError } from '../../platform/limit-exceeded-error.ts';

/**
 * Limits how often the clients of a User write to the log over their sockets, in any protocol: the log keeps everything,
 * so a single client could fill the disk.
 */
@Injectable()
export class WriteBudget {
  readonly #limiter: KeyedRateLimiter;

  constructor(settings: Settings, @Inject(MONOTONIC) now: Monotonic) {
    this.#limiter = new KeyedRateLimiter(
      settings.WRITES_PER_USER_PER_SECOND,
      settings.WRITE_BURST_PER_USER,
      now,
    );
  }

  /**
   * Counts a write that a client asks for, whether or not it will change something.
   *
   * @throws LimitExceededError `too_many_writes`
   */
  charge({ userSid }: { readonly userSid: string }): void {
    if (this.#limiter.take(userSid)) return;
    throw new LimitExceededError('too_many_writes', this.#limiter.retryAfterSeconds);
  }
}
