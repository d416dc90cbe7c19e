import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import type { StoreHealth } from '#event-store';
import type { Stores } from '#shared/composition/stores';
import { CLOCK, METRICS, STORES, type Clock } from '../injection-tokens.ts';
import type { StoreName } from '../store-errors.ts';
import { StoreMonitor } from './store-monitor.ts';

/**
 * Gauges of each store that the process has: whether it answers, whether it can be written, and the ages of its last good
 * read and write, without a value before the first.
 */
@Injectable()
export class StoreMetrics {
  constructor(
    @Inject(METRICS) private readonly registry: Registry,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly monitor: StoreMonitor,
    @Inject(STORES) { pools }: Pick<Stores, 'pools'>,
  ) {
    for (const name of monitor.names) this.#addGauges(name);
    this.#addPoolGauges(pools);
  }

  /** Connections of the thread that runs projections are not among them. */
  #addPoolGauges(pools: Stores['pools']): void {
    new Gauge({
      name: 'reachability_database_connections',
      help: 'Connections to PostgreSQL by pool and state',
      labelNames: ['pool', 'state'],
      registers: [this.registry],
      collect() {
        for (const [pool, usage] of pools) {
          const { inUse, idle } = usage();
          this.set({ pool, state: 'in_use' }, inUse);
          this.set({ pool, state: 'idle' }, idle);
        }
      },
    });
    new Gauge({
      name: 'reachability_database_waiting',
      help: 'Statements and transactions that wait for a connection to PostgreSQL',
      labelNames: ['pool'],
      registers: [this.registry],
      collect() {
        for (const [pool, usage] of pools) this.set({ pool }, usage().waiting);
      },
    });
  }

  #addGauges(store: StoreName): void {
    const age = (at: number | null): number | null =>
      at === null ? null : (this.clock().getTime() - at) / 1_000;
    this.#addGauge(store, 'up', '0 while it does not answer', ({ state }) => {
      return Number(state !== 'away');
    });
    this.#addGauge(
      store,
      'writable',
      '0 while this process cannot write to it: disk full, read-only or locked',
      ({ state }) => Number(state === 'up'),
    );
    this.#addGauge(store, 'last_read_age_seconds', 'Seconds since its last good read', (health) =>
      age(health.lastGoodReadAt),
    );
    this.#addGauge(
      store,
      'last_write_age_seconds',
      'Seconds since the last good write of this process',
      (health) => age(health.lastGoodWriteAt),
    );
  }

  #addGauge(
    store: StoreName,
    suffix: string,
    help: string,
    valueOf: (health: StoreHealth) => number | null,
  ): void {
    const read = (): number | null => {
      const health = this.monitor.healthOf(store);
      return health === null ? null : valueOf(health);
    };
    new Gauge({
      name: `reachability_${store}_${suffix}`,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        const value = read();
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  }
}
