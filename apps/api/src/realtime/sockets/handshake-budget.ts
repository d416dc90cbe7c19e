import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { MONOTONIC, type Monotonic } from '../../platform/injection-tokens.ts';
import { KeyedRateLimiter } from '../../platform/keyed-rate-limiter.ts';
import { LimitExceededError } from '../../platform/limit-exceeded-error.ts';
import { RateLimiter } from '../../platform/rate-limiter.ts';

/** Seconds after which a rejected client may try again, at the earliest. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Limits the rate of WebSocket handshakes: first of each address, then of the whole process. Only a client with a valid
 * token spends what all share, so nobody else can keep the others out.
 */
@Injectable()
export class HandshakeBudget {
  readonly #ofAddresses: KeyedRateLimiter;
  readonly #ofProcess: RateLimiter;
  #nextDueMs = 0;

  constructor(
    settings: Settings,
    @Inject(MONOTONIC) private readonly now: Monotonic,
  ) {
    const { HANDSHAKES_PER_SECOND: perSecond, HANDSHAKE_BURST: burst } = settings;
    this.#ofAddresses = new KeyedRateLimiter(
      settings.HANDSHAKES_PER_ADDRESS_PER_SECOND ?? perSecond,
      settings.HANDSHAKE_BURST_PER_ADDRESS ?? burst,
      now,
    );
    this.#ofProcess = new RateLimiter(perSecond, burst);
  }

  /** Counts a handshake of an address or an IPv6 /64, `addressNetwork` of it; false when that is beyond its limit. */
  takeFrom(network: string): boolean {
    return this.#ofAddresses.take(network);
  }

  /**
   * Counts a handshake whose token is valid.
   *
   * @throws LimitExceededError `too_many_handshakes`
   */
  chargeVerified(): void {
    const due = this.#ofProcess.take(this.#nextDueMs, this.now());
    if (due === null) throw new LimitExceededError('too_many_handshakes', RETRY_AFTER_SECONDS);
    this.#nextDueMs = due;
  }
}
