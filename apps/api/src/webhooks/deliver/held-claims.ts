import type { Position } from '#event-store';
import type { ClaimedDelivery } from '#operational-state';

/**
 * How long claims last, in milliseconds. A claim is extended while its request is under way, so a term can be shorter
 * than a request: the deliveries of a worker that was killed go to another one within a term.
 */
export const CLAIM_TIMES = {
  /** By the shared clock; then another worker may take the delivery over. */
  termMs: 6_000,
  /** After its last confirmation. */
  extendAfterMs: 2_000,
  /** After its last confirmation: a request starts in this time or not at all. Less than the term, for clock drift. */
  mayStartMs: 5_000,
} as const;

interface HeldClaim {
  readonly delivery: ClaimedDelivery;
  /** Monotonic time before the claim, or its extension, was requested. */
  confirmedAt: number;
}

/**
 * The claims of this worker, judged by its own monotonic clock: a worker that was stopped knows by it, without asking
 * anybody, that a claim may have ended.
 */
export class HeldClaims {
  readonly #claims = new Map<Position, HeldClaim>();
  readonly #monotonic: () => number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** @param confirmedAt monotonic time before the claim was requested */
  add(delivery: ClaimedDelivery, confirmedAt: number): void {
    this.#claims.set(delivery.position, { delivery, confirmedAt });
  }

  remove({ position, claim }: ClaimedDelivery): void {
    if (this.#claims.get(position)?.delivery.claim === claim) this.#claims.delete(position);
  }

  /** Whether no other worker can have taken the delivery over, so that its request may start now. */
  isOwned({ position, claim }: ClaimedDelivery): boolean {
    const held = this.#claims.get(position);
    if (held?.delivery.claim !== claim) return false;
    return this.#monotonic() - held.confirmedAt < CLAIM_TIMES.mayStartMs;
  }

  /** Returns the claims to extend now. */
  toExtend(): ClaimedDelivery[] {
    const before = this.#monotonic() - CLAIM_TIMES.extendAfterMs;
    const old = [...this.#claims.values()].filter(({ confirmedAt }) => confirmedAt <= before);
    return old.map(({ delivery }) => delivery);
  }

  /**
   * Takes in the result of an extension: claims that were not extended are no longer held.
   *
   * @param confirmedAt monotonic time before the extension was requested
   */
  confirm(
    asked: readonly ClaimedDelivery[],
    extended: ReadonlySet<Position>,
    confirmedAt: number,
  ): void {
    for (const delivery of asked) {
      if (extended.has(delivery.position)) this.add(delivery, confirmedAt);
      else this.remove(delivery);
    }
  }
}
