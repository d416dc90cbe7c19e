import type { Deliveries, Watched } from './load-protocol.ts';

/** Indexes the Users that the clients of a process watch, and records deliveries of their changes. */
export class DeliveryLog {
  readonly #keyOf: (sid: string) => string;
  readonly #indexes = new Map<string, number>();
  #at: number[] = [];
  #subject: number[] = [];
  #online: number[] = [];

  /** @param keyOf key of a User in received changes */
  constructor(keyOf: (sid: string) => string = (sid) => sid) {
    this.#keyOf = keyOf;
  }

  add(watched: readonly Watched[]): void {
    for (const sid of watched.flatMap(({ users }) => users)) {
      this.#indexes.set(this.#keyOf(sid), this.#indexes.size);
    }
  }

  /** Index of a User; undefined if it is not watched. */
  indexOf(key: string): number | undefined {
    return this.#indexes.get(key);
  }

  /** Records that a client received a change; ignores Users that are not watched. */
  record(key: string, online: boolean | null, at: number): void {
    const index = this.#indexes.get(key);
    if (index === undefined) return;
    this.#at.push(at);
    this.#subject.push(index);
    this.#online.push(online === true ? 1 : 0);
  }

  /** Returns the deliveries since the last call. */
  collect(): Deliveries {
    const deliveries = {
      at: Float64Array.from(this.#at),
      subject: Uint32Array.from(this.#subject),
      online: Uint8Array.from(this.#online),
    };
    [this.#at, this.#subject, this.#online] = [[], [], []];
    return deliveries;
  }
}

/** The Users that a client watches, by the index of the client. */
export function watchedBy(index: number, watched: readonly Watched[]): string[] {
  return watched.flatMap(({ users, each }) =>
    Array.from({ length: each }, (_, turn) => users[(index * each + turn) % users.length] ?? ''),
  );
}
