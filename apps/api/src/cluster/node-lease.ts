import type { Logger } from '@nestjs/common';
import type { Incarnation } from '#domain';
import type { LeaseStore } from '#operational-state';
import type { Clock, Monotonic } from '../platform/injection-tokens.ts';
import { LEASE_MARGIN_MS, LEASE_MS, RENEW_EVERY_MS } from './lease-times.ts';
import type { NodeMetrics } from './node-metrics.ts';

/** What a lease is kept with. */
export interface NodeLeaseOptions {
  readonly store: LeaseStore;
  readonly monotonic: Monotonic;
  readonly clock: Clock;
  readonly metrics: NodeMetrics;
  readonly logger: Logger;
  /** Awaited before a renewal that comes so late that others may have given the node up. */
  readonly late: () => Promise<void>;
}

/** The lease of one incarnation of this process: shown, and renewed until it is given back. */
export class NodeLease {
  readonly #keeping: NodeLeaseOptions;
  readonly #incarnation: Incarnation;
  #counter = 0;
  /** Until then nobody can have given the node up. On the monotonic clock. */
  #heldUntil = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #renewing: Promise<void> = Promise.resolve();

  constructor(keeping: NodeLeaseOptions, incarnation: Incarnation) {
    this.#keeping = keeping;
    this.#incarnation = incarnation;
  }

  /** True while it is certain that nobody has given the node up; else the log knows. */
  get isHeld(): boolean {
    return this.#keeping.monotonic() < this.#heldUntil;
  }

  /** Shows the lease for the first time. Fails where that fails. */
  async begin(): Promise<void> {
    await this.renew();
    this.#timer = setInterval(() => {
      this.#renewing = this.#renewing.then(() => this.#tryToRenew());
    }, RENEW_EVERY_MS).unref();
  }

  /** Others count from the moment that they see the renewal, which is after its beginning. */
  async renew(): Promise<void> {
    const { store, monotonic, clock } = this.#keeping;
    const begun = monotonic();
    this.#counter += 1;
    const renewedAt = clock().toISOString();
    await store.renew({ ...this.#incarnation, counter: this.#counter, renewedAt });
    this.#heldUntil = begun + LEASE_MS - LEASE_MARGIN_MS;
  }

  /** Renews it no more. */
  async end(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#renewing;
  }

  async #tryToRenew(): Promise<void> {
    const { metrics, logger, late } = this.#keeping;
    try {
      if (!this.isHeld) {
        metrics.lateRenewals.inc();
        await late();
      }
      if (this.#timer !== null) await this.renew();
    } catch (error) {
      metrics.failedRenewals.inc();
      logger.warn(`The lease of ${this.#incarnation.nodeId} is not renewed: ${String(error)}`);
    }
  }
}
