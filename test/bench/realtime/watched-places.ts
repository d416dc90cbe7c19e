import type { Deliveries, Watched } from './load-protocol.ts';

/** The Users that the clients of a process watch, by their places in the lists of them, and what was told of them. */
export class WatchedPlaces {
  readonly #keyOf: (sid: string) => string;
  readonly #places = new Map<string, number>();
  #at: number[] = [];
  #subject: number[] = [];
  #online: number[] = [];

  /** @param keyOf by what a User is known to those who are told of it */
  constructor(keyOf: (sid: string) => string = (sid) => sid) {
    this.#keyOf = keyOf;
  }

  add(watched: readonly Watched[]): void {
    for (const sid of watched.flatMap(({ users }) => users)) {
      this.#places.set(this.#keyOf(sid), this.#places.size);
    }
  }

  /** Undefined where nobody watches the User. */
  placeOf(key: string): number | undefined {
    return this.#places.get(key);
  }

  /** Writes down that a client was told of a User; others than those who are watched are left out. */
  told(key: string, online: boolean | null, at: number): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#at.push(at);
    this.#subject.push(place);
    this.#online.push(online === true ? 1 : 0);
  }

  /** Gives what was told since the last time. */
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

/** The Users that a client watches, by its number among the clients. */
export function watchedBy(index: number, watched: readonly Watched[]): string[] {
  return watched.flatMap(({ users, each }) =>
    Array.from({ length: each }, (_, turn) => users[(index * each + turn) % users.length] ?? ''),
  );
}
