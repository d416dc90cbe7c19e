import type { StoreHealth } from '#event-store';
import type { StoreName } from '../store-errors.ts';

/** A store that a process watches. */
export interface ObservedStore {
  readonly name: StoreName;
  /** Returns what the calls of this process have shown so far. */
  readonly health: () => StoreHealth;
  /** Asks the store for something small, so that its health is known without requests. Rejects if it does not answer. */
  readonly probe: () => Promise<unknown>;
}

/** Looks at a pending probe after which the store counts as silent. */
const SILENT_AFTER_LOOKS = 2;
const SILENT = 'a probe has no answer';

/**
 * A store with regular probes. A store that is frozen answers nothing, and the time limits of its calls are long: here it
 * counts as away as soon as a probe stays without an answer for two looks. Looks are counted instead of time, so that a
 * pause of this process is not mistaken for one of the store.
 */
export class MonitoredStore {
  readonly name: StoreName;
  readonly #observed: ObservedStore;
  readonly #now: () => number;
  /** The probe without an answer: when it began, and how often it was looked at since. */
  #pending: { readonly startedAt: number; looks: number } | null = null;
  /** When the present outage was first noticed; null while the store answers. */
  #awaySince: number | null = null;

  /** @param now in milliseconds since 1970, as in {@link StoreHealth} */
  constructor(observed: ObservedStore, now: () => number) {
    this.name = observed.name;
    this.#observed = observed;
    this.#now = now;
  }

  get health(): StoreHealth {
    const known = this.#observed.health();
    const silentSince = this.#silentSince;
    if (known.state !== 'away' && silentSince === null) {
      this.#awaySince = null;
      return known;
    }
    // A probe may fail long after it became silent: that is still the same outage.
    this.#awaySince ??= silentSince ?? known.since;
    return { ...known, state: 'away', since: this.#awaySince, reason: known.reason ?? SILENT };
  }

  get #silentSince(): number | null {
    const pending = this.#pending;
    return pending === null || pending.looks < SILENT_AFTER_LOOKS ? null : pending.startedAt;
  }

  /** Sends a probe, or looks at the one that is pending. Call it once a second. */
  look(): void {
    if (this.#pending !== null) {
      this.#pending.looks += 1;
      return;
    }
    const pending = { startedAt: this.#now(), looks: 0 };
    this.#pending = pending;
    const answered = (): void => {
      this.#pending = null;
    };
    // Failures show in the health.
    this.#observed.probe().then(answered, answered);
  }
}
