/**
 * - `up`: the store answers and can be written, as far as is known
 * - `unwritable`: it answers, but refuses writes: the disk is full, it is read-only, another process holds its lock
 * - `away`: it does not answer
 */
export type StoreState = 'up' | 'unwritable' | 'away';

/** What a process knows about its event store. Times are of its own clock, in milliseconds since 1970. */
export interface StoreHealth {
  readonly state: StoreState;
  /** When the store got into this state, as far as was noticed. */
  readonly since: number;
  /** Why the state is not `up`, such as "database or disk is full"; null while it is. */
  readonly reason: string | null;
  /** When the store last answered a read; null before the first answer. */
  readonly lastGoodReadAt: number | null;
  /** When the store last confirmed a write; null before the first one. */
  readonly lastGoodWriteAt: number | null;
}

/** Derives the health of a store from how its calls end. */
export class StoreHealthRecord {
  readonly #now: () => number;
  #state: StoreState = 'up';
  #since: number;
  #readFault: string | null = null;
  #writeFault: string | null = null;
  #lastGoodReadAt: number | null = null;
  #lastGoodWriteAt: number | null = null;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#since = now();
  }

  get health(): StoreHealth {
    return {
      state: this.#state,
      since: this.#since,
      reason: this.#readFault ?? this.#writeFault,
      lastGoodReadAt: this.#lastGoodReadAt,
      lastGoodWriteAt: this.#lastGoodWriteAt,
    };
  }

  /** Why the store cannot be written; null while it can, as far as is known. */
  get writeFault(): string | null {
    return this.#writeFault;
  }

  readSucceeded(): void {
    this.#lastGoodReadAt = this.#now();
    this.setReadFault(null);
  }

  writeSucceeded(): void {
    this.#lastGoodWriteAt = this.#now();
    this.setWriteFault(null);
  }

  /** @param reason why the store does not answer; null if it does */
  setReadFault(reason: string | null): void {
    if (reason === this.#readFault) return;
    this.#readFault = reason;
    this.#update();
  }

  /** @param reason why the store cannot be written; null if it can, as far as is known */
  setWriteFault(reason: string | null): void {
    if (reason === this.#writeFault) return;
    this.#writeFault = reason;
    this.#update();
  }

  #update(): void {
    const isReadable = this.#readFault === null;
    const readable: StoreState = this.#writeFault === null ? 'up' : 'unwritable';
    const state = isReadable ? readable : 'away';
    if (state === this.#state) return;
    this.#state = state;
    this.#since = this.#now();
  }
}
