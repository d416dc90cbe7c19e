import type { Logger } from '@nestjs/common';
import type { Incarnation } from '#domain';
import type { LeaseStore, NodeDetails } from '#operational-state';
import type { Clock, Monotonic } from '../platform/injection-tokens.ts';
import { LEASE_MARGIN_MS, LEASE_MS, RENEW_EVERY_MS, RETRY_RENEWAL_MS } from './lease-times.ts';
import type { NodeMetrics } from './node-metrics.ts';
import { logFailure } from '../platform/log-failure.ts';
import { isStoreUnavailable } from '../platform/store-errors.ts';

/** The dependencies of a lease. */
export interface NodeLeaseOptions {
  readonly store: LeaseStore;
  readonly monotonic: Monotonic;
  readonly clock: Clock;
  readonly metrics: NodeMetrics;
  readonly logger: Logger;
  /** Returns what other processes show operators of this node. */
  readonly describe: () => Omit<NodeDetails, 'startedAt'>;
  /**
   * Called before each renewal, which awaits it. It finds out whether the node was declared lost, and rejects while the
   * log does not answer: a node that cannot record what its clients do must not look alive.
   */
  readonly beforeRenewal: () => Promise<void>;
}

/** The lease of one incarnation of this process, which renews it until it is stopped. */
export class NodeLease {
  readonly #options: NodeLeaseOptions;
  readonly #incarnation: Incarnation;
  #counter = 0;
  readonly #startedAt: string;
  /** Until this time of the monotonic clock, no other process can have declared the node lost. */
  #heldUntil = -Infinity;
  #isStopped = false;
  /** While renewals fail, the level of the line about the end: an outage is logged once. */
  #failing: 'log' | 'debug' | null = null;
  #timer: NodeJS.Timeout | null = null;
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: NodeLeaseOptions, incarnation: Incarnation) {
    this.#options = options;
    this.#incarnation = incarnation;
    this.#startedAt = options.clock().toISOString();
  }

  /** True while no other process can have declared the node lost. When false, only the log knows. */
  get isHeld(): boolean {
    return this.#options.monotonic() < this.#heldUntil;
  }

  /** Writes the lease and starts renewing it. Rejects if the first write fails. */
  async start(): Promise<void> {
    await this.#renew();
    this.#renewAfter(RENEW_EVERY_MS);
  }

  /** Stops renewing. Settles when a renewal in progress has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#renewing;
  }

  #renewAfter(ms: number): void {
    const renew = async (): Promise<void> => {
      const pauseMs = await this.#tryToRenew();
      if (!this.#isStopped) this.#renewAfter(pauseMs);
    };
    this.#timer = setTimeout(() => {
      this.#renewing = renew();
    }, ms).unref();
  }

  /** Returns the milliseconds to wait before the next renewal. */
  async #tryToRenew(): Promise<number> {
    const { monotonic, metrics, logger, beforeRenewal } = this.#options;
    const { nodeId } = this.#incarnation;
    const startedAt = monotonic();
    try {
      if (!this.isHeld) metrics.lateRenewals.inc();
      await beforeRenewal();
      if (this.#isStopped) return RENEW_EVERY_MS;
      await this.#renew();
      if (this.#failing !== null)
        logger[this.#failing](`Renewed the lease of node ${nodeId} again`);
      this.#failing = null;
      return Math.max(startedAt + RENEW_EVERY_MS - monotonic(), 0);
    } catch (error) {
      metrics.failedRenewals.inc();
      const failure = `Cannot renew the lease of node ${nodeId}; retrying`;
      if (this.#failing === null) logFailure(logger, 'warn', failure, error);
      this.#failing ??= isStoreUnavailable(error) ? 'debug' : 'log';
      return RETRY_RENEWAL_MS;
    }
  }

  /** Renews the lease. Other processes count from when they see the renewal, which is after it begins here. */
  async #renew(): Promise<void> {
    const { store, monotonic, clock, describe } = this.#options;
    const startedAt = monotonic();
    this.#counter += 1;
    const renewedAt = clock().toISOString();
    const details = { ...describe(), startedAt: this.#startedAt };
    await store.renew({ ...this.#incarnation, counter: this.#counter, renewedAt, details });
    this.#heldUntil = startedAt + LEASE_MS - LEASE_MARGIN_MS;
  }
}
