import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { StoreHealth } from '#event-store';
import { unavailableStore, type StoreName } from '../store-errors.ts';
import { MonitoredStore, type ObservedStore } from './monitored-store.ts';
import { OutageLog, type Refusal } from './outage-log.ts';

const PROBE_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 250;
/**
 * Stores without which reads do not follow what happens: while events cannot be written, for instance, a client that fell
 * silent stays online.
 */
const KEEP_READS_FRESH: ReadonlySet<StoreName> = new Set(['event_store', 'read_model', 'database']);

/** The stores of the process: how each is, and one line in the log when an outage begins and when it ends. */
export class StoreMonitor implements OnModuleInit, OnApplicationShutdown {
  readonly #stores: readonly MonitoredStore[];
  readonly #outages: ReadonlyMap<StoreName, OutageLog>;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(observed: readonly ObservedStore[], now: () => number = Date.now) {
    const logger = new Logger(StoreMonitor.name);
    this.#stores = observed.map((store) => new MonitoredStore(store, now));
    this.#outages = new Map(observed.map(({ name }) => [name, new OutageLog(name, logger, now)]));
  }

  onModuleInit(): void {
    const every = (ms: number, look: () => void): void => {
      this.#timers.push(setInterval(look, ms).unref());
    };
    every(PROBE_EVERY_MS, () => this.#stores.forEach((store) => store.look()));
    every(REPORT_EVERY_MS, () => this.report());
  }

  onApplicationShutdown(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  get names(): readonly StoreName[] {
    return this.#stores.map(({ name }) => name);
  }

  /** Returns how a store is; null if this process has no such store. */
  healthOf(name: StoreName): StoreHealth | null {
    return this.#stores.find((store) => store.name === name)?.health ?? null;
  }

  /** Since when reads may be stale because of an outage, in milliseconds since 1970; null while they are not. */
  get staleSince(): number | null {
    let staleSince: number | null = null;
    for (const store of this.#stores) {
      if (!KEEP_READS_FRESH.has(store.name)) continue;
      const { state, since } = store.health;
      if (state !== 'up') staleSince = Math.min(staleSince ?? since, since);
    }
    return staleSince;
  }

  /**
   * Counts a refusal where the error says that a store is out of reach. Returns whether it does: then the error needs no
   * line in the log of its own.
   */
  absorb(error: unknown, refusal: Refusal): boolean {
    const store = unavailableStore(error);
    const outage = store === null ? undefined : this.#outages.get(store);
    if (outage === undefined) return false;
    outage.count(refusal, error);
    return true;
  }

  /** Logs outages that have begun or ended. */
  report(): void {
    for (const { name, health } of this.#stores) this.#outages.get(name)?.look(health);
  }
}
