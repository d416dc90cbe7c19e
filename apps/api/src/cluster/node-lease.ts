import type { Logger } from '@nestjs/common';
import type { Incarnation } from '#domain';
import type { LeaseStore } from '#operational-state';
import type { Clock, Monotonic } from '../platform/injection-tokens.ts';
import { LEASE_MARGIN_MS, LEASE_MS, RENEW_EVERY_MS } from './lease-times.ts';
import type { NodeMetrics } from './node-metrics.ts';
import { logFailure } from '../platform/log-failure.ts';

/** The dependencies of a lease. */
export interface NodeLeaseOptions {
  readonly store: LeaseStore;
  readonly monotonic: Monotonic;
  readonly clock: Clock;
  readonly metrics: NodeMetrics;
  readonly logger: Logger;
  /** Called before a renewal so late that other processes may have declared the node lost. Renewal awaits it. */
  readonly onLateRenewal: () => Promise<void>;
}

/** The lease of one incarnation of this process, which renews it until it is stopped. */
export class NodeLease {
  readonly #options: NodeLeaseOptions;
  readonly #incarnation: Incarnation;
  #counter = 0;
  /** Until this time of the monotonic clock, no other process can have declared the node lost. */
  #heldUntil = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: NodeLeaseOptions, incarnation: Incarnation) {
    this.#options = options;
    this.#incarnation = incarnation;
  }

  /** True while no other process can have declared the node lost. When false, only the log knows. */
  get isHeld(): boolean {
    return this.#options.monotonic() < this.#heldUntil;
  }

  /** Writes the lease and starts renewing it. Rejects if the first write fails. */
  async start(): Promise<void> {
    await this.renew();
    this.#timer = setInterval(() => {
      this.#renewing = this.#renewing.then(() => this.#tryToRenew());
    }, RENEW_EVERY_MS).unref();
  }

  /** Renews the lease. Other processes count from when they see the renewal, which is after it begins here. */
  async renew(): Promise<void> {
    const { store, monotonic, clock } = this.#options;
    const startedAt = monotonic();
    this.#counter += 1;
    const renewedAt = clock().toISOString();
    await store.renew({ ...this.#incarnation, counter: this.#counter, renewedAt });
    this.#heldUntil = startedAt + LEASE_MS - LEASE_MARGIN_MS;
  }

  /** Stops renewing. Settles when a renewal in progress has ended. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#renewing;
  }

  async #tryToRenew(): Promise<void> {
    const { metrics, logger, onLateRenewal } = this.#options;
    try {
      if (!this.isHeld) {
        metrics.lateRenewals.inc();
        await onLateRenewal();
      }
      if (this.#timer !== null) await this.renew();
    } catch (error) {
      metrics.failedRenewals.inc();
      logFailure(
        logger,
        'warn',
        `Cannot renew the lease of node ${this.#incarnation.nodeId}`,
        error,
      );
    }
  }
}
