import type { Logger } from '@nestjs/common';
import type { StoreHealth, StoreState } from '#event-store';
import type { StoreName } from '../store-errors.ts';

/** What a client was refused for a store that is out of reach. */
export type Refusal = 'requests' | 'handshakes' | 'frames';

/** Milliseconds after which a failure counts as an outage. A cluster needs as long to find another leader. */
const OUTAGE_AFTER_MS = 1_000;
/** Milliseconds between two lines about refusals without an outage. */
const REFUSALS_EVERY_MS = 10_000;

interface Texts {
  /** The reason follows. */
  readonly away: string;
  readonly unwritable: string;
  readonly back: string;
}

const TEXTS: Readonly<Record<StoreName, Texts>> = {
  event_store: {
    away: 'The event store does not answer: writes get 503, and reads may be stale',
    unwritable: 'Events cannot be written, and writes get 503',
    back: 'Events can be read and written again',
  },
  read_model: {
    away: 'The read model cannot be read',
    unwritable: 'The read model cannot be written: reads are stale',
    back: 'The read model can be read and written again',
  },
  state: {
    away: 'Operational state cannot be read',
    unwritable: 'Operational state cannot be written, and what needs it gets 503',
    back: 'Operational state can be read and written again',
  },
  database: {
    away: 'The database does not answer, and requests get 503',
    unwritable: 'The database cannot be written, and what needs it gets 503',
    back: 'The database can be read and written again',
  },
};

/**
 * Logs the outages of one store: one line when an outage begins, and one when it ends, with what was refused meanwhile.
 * Refused requests are not logged one by one. Call {@link look} several times a second.
 */
export class OutageLog {
  readonly #texts: Texts;
  readonly #logger: Pick<Logger, 'warn' | 'error'>;
  readonly #now: () => number;
  /** The outage that was logged; null while there is none. */
  #logged: { readonly state: StoreState; readonly since: number } | null = null;
  readonly #refused = new Map<Refusal, number>();
  #lastError = '';
  #refusalsLoggedAt = -Infinity;

  /** @param now in milliseconds since 1970, as in {@link StoreHealth} */
  constructor(store: StoreName, logger: Pick<Logger, 'warn' | 'error'>, now: () => number) {
    this.#texts = TEXTS[store];
    this.#logger = logger;
    this.#now = now;
  }

  /** Counts something that was refused for this store. */
  count(refusal: Refusal, error: unknown): void {
    this.#refused.set(refusal, (this.#refused.get(refusal) ?? 0) + 1);
    this.#lastError = String(error);
  }

  look({ state, since, reason }: StoreHealth): void {
    if (state === 'up') this.#lookWhileUp();
    else if (this.#now() - since >= OUTAGE_AFTER_MS && state !== this.#logged?.state) {
      this.#logger.error(`${this.#texts[state]}: ${reason ?? 'unknown reason'}`);
      this.#logged = { state, since: this.#logged?.since ?? since };
    }
  }

  #lookWhileUp(): void {
    if (this.#logged !== null) {
      const seconds = ((this.#now() - this.#logged.since) / 1_000).toFixed(1);
      this.#logger.warn(`${this.#texts.back} after ${seconds} s. ${this.#takeRefused()}`);
      this.#logged = null;
    } else if (
      this.#refused.size > 0 &&
      this.#now() - this.#refusalsLoggedAt >= REFUSALS_EVERY_MS
    ) {
      this.#refusalsLoggedAt = this.#now();
      this.#logger.warn(`${this.#takeRefused()}. ${this.#texts.back}. ${this.#lastError}`);
    }
  }

  /** Returns what was refused, such as "Refused: 849 requests, 3 handshakes", and forgets it. */
  #takeRefused(): string {
    const counts = [...this.#refused].map(([refusal, count]) => `${count} ${refusal}`);
    this.#refused.clear();
    return `Refused: ${counts.join(', ') || 'nothing'}`;
  }
}
